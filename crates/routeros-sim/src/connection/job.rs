//! Commands that go on while others run: long prints, `listen`, and what `/cancel` does to them.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::{PIECE, Session};
use crate::output::Output;
use crate::repeat::Repeat;
use crate::reply::Replies;
use crate::request::Request;
use crate::router::{Change, PrintJob, What};
use crate::simulator::Shared;
use crate::store::write_id;
use crate::trap::Trap;

/// A command that is under way.
pub(super) struct Job {
    tag: Option<Vec<u8>>,
    /// Ends by itself: commands without a tag wait for one without a tag.
    finite: bool,
    stop: watch::Sender<bool>,
    /// True when it ended by itself and said so.
    task: JoinHandle<bool>,
}

impl Job {
    pub(super) fn holds_others(&self) -> bool {
        self.finite && self.tag.is_none() && !self.task.is_finished()
    }

    /// A job that has ended is taken from the list before anything else looks at it.
    pub(super) async fn ended(&mut self) {
        let _ = (&mut self.task).await;
    }

    pub(super) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    pub(super) fn abort(&self) {
        self.task.abort();
    }
}

/// What a job needs to speak.
pub(super) struct Voice {
    pub(super) shared: Arc<Shared>,
    pub(super) output: Output,
    pub(super) tag: Option<Vec<u8>>,
}

impl Voice {
    pub(super) async fn say(&self, write: impl FnOnce(&Shared, &mut Replies<'_>)) {
        let mut out = Vec::new();
        let mut replies = Replies::new(&mut out, self.tag.as_deref(), self.shared.switches().tag_last);
        write(&self.shared, &mut replies);
        self.output.send(out).await;
    }
}

impl Session {
    /// Starts a task that can be cancelled; it ends with true when it has said `!done` itself.
    pub(super) fn start<F>(&mut self, tag: Option<Vec<u8>>, finite: bool, task: impl FnOnce(Voice) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, mut stopped) = watch::channel(false);
        let voice = Voice { shared: Arc::clone(&self.shared), output: self.output.clone(), tag: tag.clone() };
        let work = task(voice);
        let task = tokio::spawn(async move {
            tokio::select! {
                () = work => true,
                _ = stopped.wait_for(|stop| *stop) => false,
            }
        });
        self.jobs.push(Job { tag, finite, stop, task });
    }

    /// The rest of a long print.
    pub(super) fn print_on(&mut self, request: Request, mut print: PrintJob) {
        self.start(request.tag, true, |voice| async move {
            loop {
                let mut over = false;
                voice
                    .say(|shared, replies| {
                        over = shared.lock().print_some(&mut print, replies, PIECE);
                        if over {
                            replies.done(None);
                        }
                    })
                    .await;
                if over {
                    break;
                }
                tokio::task::yield_now().await;
            }
        });
    }

    /// Rounds of rows until they are all said or it is cancelled.
    pub(super) fn repeat(&mut self, request: Request, mut repeat: Repeat) {
        self.start(request.tag, false, |voice| async move {
            let mut section = 0;
            while repeat.rounds.is_none_or(|rounds| section < rounds) {
                if section > 0 {
                    tokio::time::sleep(repeat.every).await;
                }
                let mut over = false;
                voice
                    .say(|shared, replies| {
                        let mut router = shared.lock();
                        let rows = (repeat.round)(&mut router, section);
                        over = repeat.over.as_ref().is_some_and(|over| over(&router));
                        for mut row in rows {
                            row.push((".section".to_owned(), section.to_string().into_bytes()));
                            replies.row(&row);
                        }
                    })
                    .await;
                if over {
                    break;
                }
                section += 1;
            }
            voice.say(|_, replies| replies.done(None)).await;
        });
    }

    /// `listen` and `print =follow=`: the rows, if asked for, and then every change.
    pub(super) fn listen(
        &mut self,
        request: Request,
        mut print: PrintJob,
        changes: mpsc::Receiver<Change>,
        rows_first: bool,
    ) {
        let limited = print.is_limited();
        self.start(request.tag, false, |voice| async move {
            let mut over = !rows_first;
            while !over {
                voice.say(|shared, replies| over = shared.lock().print_some(&mut print, replies, PIECE)).await;
            }
            follow(voice, print, changes, limited).await;
        });
    }

    /// The victim gets its trap, then the canceller its `!done`, then the victim its own.
    pub(super) async fn cancel(&mut self, request: &Request) {
        let wanted = request.attribute("tag").map(<[u8]>::to_vec);
        let mut kept = Vec::new();
        let mut stopped = Vec::new();
        for job in std::mem::take(&mut self.jobs) {
            if wanted.is_none() || job.tag == wanted {
                let _ = job.stop.send(true);
                if let Ok(false) = job.task.await {
                    stopped.push(job.tag);
                }
            } else {
                kept.push(job);
            }
        }
        self.jobs = kept;
        let tag_last = self.shared.switches().tag_last;
        let mut out = Vec::new();
        for tag in &stopped {
            Replies::new(&mut out, tag.as_deref(), tag_last).trap(&Trap::interrupted());
        }
        self.replies(request, &mut out).done(None);
        for tag in &stopped {
            Replies::new(&mut out, tag.as_deref(), tag_last).done(None);
        }
        self.output.send(out).await;
    }
}

async fn follow(voice: Voice, print: PrintJob, mut changes: mpsc::Receiver<Change>, limited: bool) {
    while let Some(change) = changes.recv().await {
        voice
            .say(|shared, replies| {
                let router = shared.lock();
                if limited && !print.passes(&router.view(&print.shown, &change.item)) {
                    return;
                }
                if change.what == What::Removed {
                    let dead: &[u8] = if router.release().major == 6 { b"yes" } else { b"true" };
                    replies.begin(b"!re");
                    replies.value(b"=.id=", |out| write_id(change.id, out));
                    replies.attribute(".dead", dead);
                    replies.end();
                } else {
                    router.write_row(&print.shown, &change.item, router.now(), replies, &mut None);
                }
            })
            .await;
    }
    // too many changes were unread
    voice
        .say(|_, replies| {
            replies.trap(&Trap::interrupted());
            replies.done(None);
        })
        .await;
}
