//! Commands run without a shell, with hardly any environment, and not for ever.

use std::time::Duration;

use allclear::channels::{Outgoing, Run};
use allclear::notify::carry::{Carried, Carriers, Uncarried};

use super::*;

async fn ran(argv: &[&str], input: &str, within: Duration) -> Result<Carried, Uncarried> {
    let argv = argv.iter().map(|part| (*part).to_owned()).collect();
    let carriers = Carriers::with_patience(crate::fetch::fetcher(), None, within);
    carriers.carry(Outgoing::Run(Run { argv, input: input.to_owned() }), false).await
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_command_reads_the_document_of_a_webhook() {
    let run = run(all()[0].1.composed(&*with("command", vec![("argv", texts(&["cat"]))])).remove(0));
    let answer = ran(&["cat"], &run.input, LONG).await.unwrap();
    assert_eq!(answer.status, 0);
    let read: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((&read["type"], &read["data"]["items"][0]["id"]), (&"incident.opened".into(), &"github.k3lw9x".into()));
}

#[tokio::test]
async fn no_shell_and_none_of_our_environment_is_between() {
    let answer = ran(&["printf", "%s|", "$HOME", "a b; touch x", "`id`"], "", LONG).await.unwrap();
    assert_eq!(String::from_utf8(answer.body).unwrap(), "$HOME|a b; touch x|`id`|");
    let answer = ran(&["env"], "", LONG).await.unwrap();
    let names: Vec<String> = String::from_utf8(answer.body)
        .unwrap()
        .lines()
        .map(|line| line.split('=').next().unwrap().to_owned())
        .collect();
    assert!(names.contains(&"PATH".to_owned()), "{names:?}");
    assert!(names.iter().all(|name| ["PATH", "HOME", "LANG"].contains(&name.as_str())), "{names:?}");
}

#[tokio::test]
async fn an_exit_status_says_whether_it_went_well() {
    let Err(Uncarried::Later(why)) = ran(&["sh", "-c", "echo no such room >&2; exit 3"], "x", LONG).await else {
        panic!()
    };
    assert!(why.contains('3') && why.contains("no such room"), "{why}");
    let Err(Uncarried::Later(why)) = ran(&["/nonexistent/program"], "", LONG).await else { panic!() };
    assert!(why.contains("cannot be started"), "{why}");
    assert!(matches!(ran(&[], "", LONG).await, Err(Uncarried::Never(_))));
}

#[tokio::test]
async fn one_that_does_not_read_or_prints_too_much_is_no_problem() {
    let input = "x".repeat(1 << 20);
    assert_eq!(ran(&["true"], &input, LONG).await.unwrap().status, 0);
    let answer = ran(&["sh", "-c", "cat; head -c 3000000 /dev/zero >&2"], &input, LONG).await.unwrap();
    assert_eq!(answer.body.len(), allclear::limits::ATTEMPT_ANSWER);
}

#[tokio::test]
async fn one_that_hangs_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = format!("echo $$ > {}; exec sleep 600", pid.display());
    let Err(Uncarried::Later(why)) = ran(&["sh", "-c", &script], "", Duration::from_secs(2)).await else { panic!() };
    assert!(why.contains("took longer"), "{why}");
    let process = std::fs::read_to_string(pid).unwrap();
    // It is killed, and reaped in a while: until then it is a zombie.
    let alive =
        || std::fs::read_to_string(format!("/proc/{}/stat", process.trim())).is_ok_and(|stat| !stat.contains(") Z "));
    while alive() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_a_command_leaves_running_is_not_waited_for() {
    let answer = ran(&["sh", "-c", "echo told; sleep 30 &"], "", LONG).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (0, b"told\n".as_slice()));
    assert!(answer.took < Duration::from_secs(25), "{:?}", answer.took);
}
