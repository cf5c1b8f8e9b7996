//! Work of many seconds that nobody waits for, beside the requests of which each is waited for.

use std::thread;

use tokio::sync::oneshot;

/// The least claim to the processor that a thread can have (`setpriority(2)`).
const LEAST: i32 = 19;

/// Does `work` on a thread of its own, which gets the processor when nothing else wants it. Nobody waits for the thread when the process
/// ends. The work must not start threads or open connections that others use later: what it starts would inherit its place. `None`: it
/// fell over, or there is no thread for it; the log says so, without what the work was about.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let run = move || {
        // On Linux it is the calling thread whose claim is lowered. Where it cannot be, the work is done all the same.
        if let Err(error) = rustix::process::setpriority_process(None, LEAST) {
            tracing::warn!(%error, "work aside has the same claim to the processor as the requests");
        }
        let _ = tell.send(work());
    };
    if let Err(error) = thread::Builder::new().name("aside".into()).spawn(run) {
        tracing::error!(%error, "no thread for work aside");
    }
    let done = told.await.ok();
    if done.is_none() {
        tracing::error!("work aside was not done");
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The nice value of the calling thread.
    fn nice() -> i32 {
        rustix::process::getpriority_process(None).unwrap()
    }

    #[tokio::test]
    async fn only_what_is_done_aside_steps_back() {
        let before = nice();
        assert_eq!(aside(nice).await, Some(LEAST));
        assert_eq!(nice(), before);
    }

    #[tokio::test]
    async fn work_that_falls_over_takes_nobody_along() {
        assert_eq!(aside(|| assert_eq!(1, 2)).await, None);
        assert_eq!(aside(|| 3).await, Some(3));
    }
}
