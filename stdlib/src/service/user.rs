//! Whom a service runs as. A run of root's may start it as somebody else, because databases refuse to be root's; then its
//! directory is given to that user, who may pass through those above it.

use super::error::ServiceError;
use crate::guard::User;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// Everybody may pass through such a directory.
const PASSAGE: u32 = 0o001;

/// The user called `name`. Nobody else than ourselves when we are not root: then there is no choice.
pub fn find(service: &str, name: Option<&str>) -> Result<Option<User>, ServiceError> {
    let Some(name) = name.filter(|_| nix::unistd::geteuid().is_root()) else {
        return Ok(None);
    };
    match nix::unistd::User::from_name(name) {
        Ok(Some(user)) if user.uid.is_root() => Ok(None),
        Ok(Some(user)) => Ok(Some(User {
            id: user.uid.as_raw(),
            group: user.gid.as_raw(),
        })),
        _ => Err(ServiceError::NoUser {
            service: service.to_owned(),
            name: name.to_owned(),
        }),
    }
}

/// Gives `dir` and all that is in it to `user`, who can come to it afterwards. Only what lies in `ours`, the project and the
/// store of runs, is ours to open.
pub fn give(
    service: &str,
    name: &str,
    user: User,
    dir: &Path,
    ours: &[PathBuf],
) -> Result<(), ServiceError> {
    give_all(user, dir).map_err(|error| ServiceError::Io {
        what: "give away",
        path: dir.to_owned(),
        error,
    })?;
    for above in dir.ancestors().skip(1) {
        let closed = || ServiceError::Closed {
            service: service.to_owned(),
            name: name.to_owned(),
            path: above.to_owned(),
        };
        let meta = fs::metadata(above).map_err(|_| closed())?;
        if meta.mode() & PASSAGE != 0 || meta.uid() == user.id {
            continue;
        }
        let is_ours =
            ours.iter().any(|ours| above.starts_with(ours)) || Some(above) == dir.parent();
        if !is_ours {
            return Err(closed());
        }
        let permissions = fs::Permissions::from_mode(meta.mode() & 0o7777 | PASSAGE);
        fs::set_permissions(above, permissions).map_err(|_| closed())?;
    }
    Ok(())
}

fn give_all(user: User, path: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    // What a link leads to is not in the directory.
    if meta.is_symlink() {
        return Ok(());
    }
    chown(path, Some(user.id), Some(user.group))?;
    if meta.is_dir() {
        for entry in fs::read_dir(path)? {
            give_all(user, &entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_name_that_nobody_has_is_an_error_and_ours_is_no_change() {
        assert_eq!(find("db", None).unwrap(), None);
        assert_eq!(find("db", Some("root")).unwrap(), None);
        if nix::unistd::geteuid().is_root() {
            let error = find("db", Some("no-such-user")).unwrap_err();
            assert_eq!(
                error.to_string(),
                "service `db` is to run as `no-such-user`, and there is no such user"
            );
        }
    }

    #[test]
    fn g1_what_is_given_away_can_be_reached_and_not_be_looked_at() {
        let ours = User {
            id: nix::unistd::geteuid().as_raw(),
            group: nix::unistd::getegid().as_raw(),
        };
        let project = tempfile::tempdir().unwrap();
        let dir = project.path().join("work/db");
        super::super::place::make_dirs(&dir.join("data")).unwrap();
        let somebody = User { id: 1, ..ours };
        if nix::unistd::geteuid().is_root() {
            give(
                "db",
                "somebody",
                somebody,
                &dir,
                &[project.path().to_owned()],
            )
            .unwrap();
            assert_eq!(fs::metadata(dir.join("data")).unwrap().uid(), 1);
            assert_eq!(mode(&dir), 0o700);
            assert_eq!(mode(&project.path().join("work")), 0o701);
        } else {
            give("db", "ourselves", ours, &dir, &[project.path().to_owned()]).unwrap();
            assert_eq!(mode(&project.path().join("work")), 0o700);
        }
    }

    #[test]
    fn what_is_above_the_project_stays_closed() {
        if !nix::unistd::geteuid().is_root() {
            return;
        }
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let dir = home.path().join("project/work/db");
        super::super::place::make_dirs(&dir).unwrap();
        let somebody = User { id: 1, group: 1 };
        let project = home.path().join("project");
        let error = give("db", "somebody", somebody, &dir, &[project]).unwrap_err();
        assert!(matches!(error, ServiceError::Closed { ref path, .. } if path == home.path()));
        assert_eq!(mode(home.path()), 0o700);
    }
}
