//! To a command of the operator's: no shell, hardly any environment, and an end in time.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use super::{Answer, Uncarried, said};
use crate::channels::Run;
use crate::limits;

/// What of the environment a command gets: enough to find programs and its own files, and none of our secrets.
const ENVIRONMENT: [&str; 3] = ["PATH", "HOME", "LANG"];

/// Runs the command and waits for its end; one that takes longer is killed.
pub async fn carry(run: Run, within: Duration) -> Answer {
    let Some((program, arguments)) = run.argv.split_first() else {
        return Err(Uncarried::Never("there is no command".to_owned()));
    };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().kill_on_drop(true);
    command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let later = |why: String| Uncarried::Later(format!("the command {why}"));
    let mut child = command.spawn().map_err(|error| later(format!("cannot be started: {error}")))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut printed, mut complained) = (Vec::new(), Vec::new());
    let telling = async {
        if let Some(mut stdin) = stdin {
            // A command may end without reading all of it; its exit status counts.
            let _ = stdin.write_all(run.input.as_bytes()).await;
        }
    };
    let mut talk = Box::pin(async { tokio::join!(telling, read(stdout, &mut printed), read(stderr, &mut complained)) });
    let mut said_all = false;
    let ended = timeout(within, async {
        loop {
            tokio::select! {
                status = child.wait() => break status,
                _ = &mut talk, if !said_all => said_all = true,
            }
        }
    });
    let status = match ended.await {
        Ok(status) => status.map_err(|error| later(format!("is lost: {error}")))?,
        Err(_) => return Err(later(format!("took longer than {within:?} and was ended"))),
    };
    if !said_all {
        // What it printed last may still be on its way; what it left running may never end.
        let _ = timeout(limits::COMMAND_OUTPUT, talk.as_mut()).await;
    }
    drop(talk);
    if !status.success() {
        let words = said(&String::from_utf8_lossy(&complained));
        let words = if words.is_empty() { words } else { format!(": {words}") };
        return Err(later(format!("failed ({status}){words}")));
    }
    printed.extend(complained);
    printed.truncate(limits::ATTEMPT_ANSWER);
    Ok((0, printed, None))
}

/// Reads to the end, so that nobody waits for us, and keeps the beginning.
async fn read(from: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut from) = from else { return };
    let mut chunk = [0; 4_096];
    while let Ok(count) = from.read(&mut chunk).await {
        if count == 0 {
            break;
        }
        let left = limits::ATTEMPT_ANSWER.saturating_sub(kept.len());
        kept.extend(chunk.iter().take(count.min(left)));
    }
}
