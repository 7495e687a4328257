//! Requests: one connection, a rate, patience, and who we are.

use std::io::Read;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::Response;

use crate::{Event, FetchError, index};

/// How to behave towards the publisher.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Least time between two requests.
    pub between: Duration,
    /// How often a request is tried before giving up.
    pub tries: u32,
    /// First wait after a fault; it doubles each time, and a server that says
    /// how long is believed.
    pub wait: Duration,
    /// Longest time for one answer. A download that takes longer is gone on
    /// with where it was.
    pub patience: Duration,
    /// How to reach whoever runs this, for the user agent.
    pub contact: Option<String>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            between: Duration::from_millis(250),
            tries: 6,
            wait: Duration::from_secs(2),
            patience: Duration::from_mins(30),
            contact: None,
        }
    }
}

/// The longest wait that a server may ask for.
const LONGEST_WAIT: u64 = 300;

/// The one connection to the publisher.
pub struct Client<'a> {
    agent: Agent,
    manners: Manners,
    last: Mutex<Option<Instant>>,
    pub(crate) progress: &'a (dyn Fn(Event) + Sync),
}

/// An answer with its body yet to be read.
pub(crate) struct Answer {
    response: Response<ureq::Body>,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    pub(crate) fn length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// What marks this version of the file: a strong tag, else its date.
    pub(crate) fn version(&self) -> Option<String> {
        let tag = self.header("etag").filter(|t| !t.starts_with("W/"));
        tag.or_else(|| self.header("last-modified"))
            .map(str::to_owned)
    }

    pub(crate) fn body(self) -> impl Read {
        self.response.into_body().into_reader()
    }
}

impl<'a> Client<'a> {
    /// A client that tells `progress` what it does.
    pub fn new(manners: Manners, progress: &'a (dyn Fn(Event) + Sync)) -> Self {
        let contact = manners
            .contact
            .as_ref()
            .map_or_else(String::new, |c| format!(" (+{c})"));
        let agent = Agent::config_builder()
            .user_agent(format!("peelian/{}{contact}", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(5)
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(Duration::from_mins(1)))
            .timeout_recv_body(Some(manners.patience))
            .build()
            .into();
        Self {
            agent,
            manners,
            last: Mutex::new(None),
            progress,
        }
    }

    pub(crate) fn tries(&self) -> u32 {
        self.manners.tries
    }

    /// Keeps the rate.
    fn pace(&self) {
        let Ok(mut last) = self.last.lock() else {
            return;
        };
        let since = last.map_or(self.manners.between, |l| l.elapsed());
        sleep(self.manners.between.saturating_sub(since));
        *last = Some(Instant::now());
    }

    /// Waits after the n-th fault, longer each time and never in step with
    /// others who met the same fault.
    pub(crate) fn wait(&self, fault: u32, asked: Option<u64>, why: &str) {
        let doubled = self.manners.wait * 2_u32.saturating_pow(fault.min(6));
        let clock = Instant::now().elapsed().subsec_nanos() % 250;
        let own = doubled + doubled.mul_f64(f64::from(clock) / 1000.0);
        let wait = asked.map_or(own, |s| Duration::from_secs(s.min(LONGEST_WAIT)));
        (self.progress)(Event::Waiting {
            seconds: wait.as_secs(),
            why: why.to_owned(),
        });
        sleep(wait);
    }

    /// One request, once. The reason where no answer came.
    pub(crate) fn ask(
        &self,
        url: &str,
        headers: &[(&str, String)],
        head: bool,
    ) -> Result<Answer, String> {
        self.pace();
        let call = |mut headers_of: ureq::RequestBuilder<ureq::typestate::WithoutBody>| {
            for (name, value) in headers {
                headers_of = headers_of.header(*name, value);
            }
            headers_of.call()
        };
        let request = if head {
            self.agent.head(url)
        } else {
            self.agent.get(url)
        };
        call(request)
            .map(|response| Answer { response })
            .map_err(|e| e.to_string())
    }

    /// One request, tried until it is answered with success or with a status
    /// that trying again does not change.
    pub(crate) fn answer(
        &self,
        url: &str,
        headers: &[(&str, String)],
        head: bool,
    ) -> Result<Answer, FetchError> {
        let mut fault = 0;
        loop {
            let (why, asked) = match self.ask(url, headers, head) {
                Ok(answer) if (200..300).contains(&answer.status()) => return Ok(answer),
                Ok(answer) if is_passing(answer.status()) => {
                    let asked = answer.header("retry-after").and_then(|s| s.parse().ok());
                    (format!("the server answers {}", answer.status()), asked)
                }
                Ok(answer) => return Err(refused(url, answer.status())),
                Err(reason) => (reason, None),
            };
            fault += 1;
            if fault >= self.tries() {
                return Err(FetchError::Line {
                    url: url.to_owned(),
                    reason: why,
                });
            }
            self.wait(fault - 1, asked, &why);
        }
    }

    /// A page of text.
    pub(crate) fn page(&self, url: &str) -> Result<String, FetchError> {
        let answer = self.answer(url, &[], false)?;
        let mut text = Vec::new();
        answer
            .body()
            .take(index::MAX_PAGE)
            .read_to_end(&mut text)
            .map_err(|e| FetchError::Line {
                url: url.to_owned(),
                reason: e.to_string(),
            })?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The length of a file, where the server says it.
    pub(crate) fn length(&self, url: &str) -> Result<Option<u64>, FetchError> {
        Ok(self.answer(url, &[], true)?.length())
    }
}

/// Whether the same request may be answered otherwise later.
pub(crate) fn is_passing(status: u16) -> bool {
    status == 429 || (500..600).contains(&status)
}

pub(crate) fn refused(url: &str, status: u16) -> FetchError {
    let remedy = match status {
        404 => "there is no such file; look at the publisher's page for what there is",
        403 => "it is not given out; look at the publisher's page in a browser",
        _ => "try again later, or look at the publisher's page in a browser",
    };
    FetchError::Status {
        url: url.to_owned(),
        status,
        remedy,
    }
}
