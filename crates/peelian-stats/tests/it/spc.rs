mod xmr;
