//! `sayso witness`: cosigns other parties' logs for as long as they only grow, until the process is asked to stop.

use sayso_server::asked_to_stop;
use sayso_server::log::LogFormat;
use sayso_server::witness::{WitnessOptions, serve};

use crate::args::{Log, WitnessArgs};
use crate::failure::Failure;

pub(crate) fn run(args: WitnessArgs) -> Result<String, Failure> {
    let options = WitnessOptions {
        config: args.config,
        data: args.data,
        listen: args.listen,
        log: match args.log {
            Log::Text => LogFormat::Text,
            Log::Json => LogFormat::Json,
        },
    };
    // What the operators of logs need, on the standard output alone, so that a script can take it from there.
    let ready = |witness: &sayso_server::witness::Witness, address| {
        println!("{}", witness.verifier_key());
        println!("http://{address}");
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::of)?;
    runtime
        .block_on(serve(options, ready, asked_to_stop))
        .map_err(Failure::of)?;
    Ok(String::new())
}
