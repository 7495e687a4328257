//! Serves the hand-made world of the tests, so that pages can be worked on
//! and looked at without building the query engine:
//! `cargo run -p peelian-web --example preview -- [real] [PORT]`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

#[path = "../tests/it/world.rs"]
#[allow(dead_code)]
mod world;

use peelian_model::Nature;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let nature = if arguments.iter().any(|a| a == "real") {
        Nature::Real
    } else {
        Nature::Synthetic
    };
    let port = arguments
        .iter()
        .find_map(|a| a.parse().ok())
        .unwrap_or(8081_u16);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    peelian_web::serve(listener, world::site(nature), std::future::pending())
        .await
        .unwrap();
}
