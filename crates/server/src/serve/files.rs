//! How many files and connections a process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Takes as many as the system grants: each listener is one, and the soft limit is 1,024 on most machines (systemd raises the hard one to
/// half a million). How many they are now; `None` if there is no limit. What cannot be had is left as it is.
pub fn as_many_files_as_granted() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let granted = limit.maximum;
        limit.current = granted;
        if setrlimit(Resource::Nofile, limit).is_err() {
            return getrlimit(Resource::Nofile).current;
        }
    }
    limit.current
}
