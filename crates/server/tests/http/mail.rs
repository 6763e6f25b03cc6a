//! Mail over SMTP: handed over once, tried again when the server is busy, given up when it refuses for good.

use sayso_core::wire::AddressRequest;
use sayso_server::mail::queue;
use sayso_server::mail::transport::{MailTarget, Transport};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::address::subscription;
use crate::world::{World, config};

const MINUTE: u64 = 60_000;

/// A mail server for one connection: `recipient` is its answer to the address. Gives the message it took.
async fn server(listener: TcpListener, recipient: &'static str) -> String {
    let (stream, _) = listener.accept().await.expect("a connection");
    converse(stream, recipient).await.expect("a conversation")
}

async fn converse(stream: TcpStream, recipient: &str) -> std::io::Result<String> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut message = String::new();
    let mut in_message = false;
    writing.write_all(b"220 test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.get(..4).unwrap_or(&line) {
            "." if in_message => {
                in_message = false;
                "250 taken"
            }
            _ if in_message => {
                message.push_str(&line);
                message.push('\n');
                continue;
            }
            "RCPT" => recipient,
            "DATA" => {
                in_message = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        writing
            .write_all(format!("{answer}\r\n").as_bytes())
            .await?;
        if answer.starts_with("221") {
            break;
        }
    }
    Ok(message)
}

async fn drain(world: &World, recipient: &'static str) -> JoinHandle<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    let took = tokio::spawn(server(listener, recipient));
    let transport = Transport::new(&url.parse().expect("a target")).expect("a transport");
    queue::drain(&world.site, &transport)
        .await
        .expect("the queue is drained");
    took
}

async fn ask(world: &World) {
    let form: AddressRequest = subscription(world, "one");
    world
        .post(
            "/sayso/v1/addresses",
            serde_json::to_vec(&form).expect("JSON"),
        )
        .send()
        .await
        .result();
}

#[tokio::test]
async fn a_mail_is_handed_over_once() {
    let world = World::new().await;
    ask(&world).await;
    let message = drain(&world, "250 fine").await.await.expect("it ends");
    assert!(message.contains("Subject: Please confirm"), "{message}");
    assert!(
        message.contains("List-Unsubscribe: <https://larkspur.example/sayso/unsubscribe?t="),
        "{message}"
    );
    assert!(
        world
            .site
            .ledger
            .due_mail(u64::MAX >> 1, 9)
            .await
            .expect("read")
            .is_empty()
    );
}

#[tokio::test]
async fn a_busy_server_is_tried_again_later() {
    let world = World::new().await;
    ask(&world).await;
    assert_eq!(drain(&world, "451 later").await.await.expect("it ends"), "");
    let now = sayso_server::clock::Clock::now(world.clock.as_ref());
    assert!(
        world
            .site
            .ledger
            .due_mail(now, 9)
            .await
            .expect("read")
            .is_empty(),
        "not at once"
    );
    world.advance(MINUTE);
    let message = drain(&world, "250 fine").await.await.expect("it ends");
    assert!(message.contains("Please confirm"), "{message}");
}

#[tokio::test]
async fn a_refusal_for_good_ends_it() {
    let world = World::new().await;
    ask(&world).await;
    drain(&world, "550 nobody here")
        .await
        .await
        .expect("it ends");
    assert!(
        world
            .site
            .ledger
            .due_mail(u64::MAX >> 1, 9)
            .await
            .expect("read")
            .is_empty()
    );
}

#[test]
fn a_target_is_an_smtp_address_or_left_out() {
    assert!("smtp://127.0.0.1:25".parse::<MailTarget>().is_ok());
    assert!(
        "smtps://user:secret@mail.example"
            .parse::<MailTarget>()
            .is_ok()
    );
    let error = "http://mail.example"
        .parse::<MailTarget>()
        .expect_err("refused")
        .to_string();
    assert!(error.contains("smtp://host:25"), "{error}");
    let error = "smpt://user:secret@mail.example".parse::<MailTarget>();
    assert!(!format!("{error:?} {}", error.clone().expect_err("refused")).contains("secret"));
}

#[test]
fn a_sites_own_mail_server_comes_before_the_commands_and_hides_its_password() {
    let own = r#"smtp = "smtps://shop:secret@own.example""#;
    let with_own = config(|text| text.replace("[mail]\n", &format!("[mail]\n{own}\n")));
    let given: MailTarget = "smtp://given.example".parse().expect("a target");
    for command in [MailTarget::Folder, given.clone()] {
        let MailTarget::Smtp(url) = command.of(&with_own) else {
            panic!("the site names a server");
        };
        assert_eq!(url.secret(), "smtps://shop:secret@own.example");
        assert!(!format!("{:?}", command.of(&with_own)).contains("secret"));
    }
    let without = config(|text| text);
    assert_eq!(given.of(&without), given);
    assert_eq!(MailTarget::Folder.of(&without), MailTarget::Folder);
}
