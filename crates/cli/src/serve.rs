//! `sayso serve`: everything a visitor's browser asks for, until the process is asked to stop.

use sayso_server::admin::AdminOptions;
use sayso_server::client::{Proxies, Trust};
use sayso_server::guard::room::Room;
use sayso_server::log::LogFormat;
use sayso_server::{ServeOptions, asked_to_stop, serve};

use crate::args::{Log, ServeArgs};
use crate::failure::Failure;

pub(crate) fn run(args: ServeArgs) -> Result<String, Failure> {
    let options = ServeOptions {
        sites: args.sites,
        data: args.data,
        listen: args.listen,
        mail: args.mail.unwrap_or_default(),
        address: args.address,
        log: match args.log {
            Log::Text => LogFormat::Text,
            Log::Json => LogFormat::Json,
        },
        proxies: Proxies {
            trust: match args.proxies {
                Some(count) => Trust::Count(count),
                None if args.trust.is_empty() => Trust::Nobody,
                None => Trust::Networks(args.trust),
            },
            header: args.forwarded,
        },
        room: (args.writes).map_or_else(Room::default, |count| Room::of(count.get())),
        admin: args.admin.map(|listen| AdminOptions {
            listen,
            anywhere: args.admin_anywhere,
        }),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::of)?;
    runtime
        .block_on(serve(options, asked_to_stop))
        .map_err(Failure::of)?;
    Ok(String::new())
}
