//! The command under strace: no socket is opened, no other program started, nothing written but where it was told.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::{Effort, TrustCheck};
use crate::installed_programs::{apt_install, on_path};
use crate::process::{cargo, run, target_folder, workspace_root};

pub(crate) const CHECK: TrustCheck = TrustCheck {
    name: "quiet",
    claim: "the command opens no socket, starts no program, and writes only where it was told (under strace)",
    run: trace_all,
};

/// What is traced: everything of the network, and what can make, change or remove a file or start a program. A call that
/// this strace or this processor does not know may be left out.
const CALLS: &str = "trace=%network,?open,?openat,?openat2,?creat,?mkdir,?mkdirat,?rename,?renameat,?renameat2,?link,?linkat,\
                     ?symlink,?symlinkat,?unlink,?unlinkat,?rmdir,?truncate,?mknod,?mknodat,?chmod,?fchmodat,?fchmodat2,\
                     ?chown,?lchown,?fchownat,?utime,?utimes,?utimensat,?setxattr,?lsetxattr,?execve,?execveat,\
                     ?io_uring_setup";

/// Arguments, and the files and folders that they name to be written.
const RUNS: &[(&str, &[&str])] = &[
    ("audit pets.csv --label animal", &[]),
    ("audit pets.csv --label animal --format json", &[]),
    ("audit pets.csv --label animal --format csv --quiet", &[]),
    (
        "audit pets.csv --label animal --report r.html --out results --save old --junit r.xml",
        &["r.html", "results", "old", "r.xml"],
    ),
    ("audit pets.csv --label animal --report r.json --out results --save old", &["r.json", "results", "old"]),
    ("audit pets.csv --label animal --report r.txt --save new --classifier random-forest", &["r.txt", "new"]),
    ("audit pets.csv --label weight --task regression", &[]),
    ("audit --config audit.toml", &["of_config"]),
    ("audit --labels y.txt --pred-probs p.csv", &[]),
    ("audit nothing.csv --label animal --out never", &[]),
    ("report old", &[]),
    ("report old --report again.html", &["again.html"]),
    ("issues old label", &[]),
    ("diff old new --format json", &[]),
    ("labels --labels y.txt --pred-probs p.csv --out labels", &["labels"]),
    ("labels --labels y.npy --pred-probs p.npy --memory 1K --out parts", &["parts"]),
    ("health pets.csv --label animal --intervals --out health", &["health"]),
    ("overlap pets.csv --label animal --out overlap", &["overlap"]),
    ("classes pets.csv --label animal --out classes", &["classes"]),
    ("clean pets.csv --label animal --out cleaned", &["cleaned"]),
    ("clean pets.csv --label animal --out cleaned.csv", &["cleaned.csv"]),
    ("noise --classes 3 --trace 2.4 --out noisy", &["noisy"]),
    ("noise --classes 3 --trace 9", &[]),
    ("completions bash", &[]),
    ("man", &[]),
    ("man --out pages", &["pages"]),
    ("--version", &[]),
    ("help audit", &[]),
];

fn trace_all(_: Effort) -> Result<String> {
    let strace = match on_path(&["strace"]) {
        Some(strace) => strace,
        None => match apt_install(&["strace"])
            .and_then(|()| on_path(&["strace"]).context("apt-get installed no strace"))
        {
            Ok(strace) => strace,
            Err(error) => {
                println!("quiet: SKIPPED, nothing was traced: {error:#}");
                return Ok(format!("skipped, nothing was traced: {error:#}"));
            }
        },
    };
    // Of the whole workspace: with the features of one package its dependencies would be built once more.
    run(&mut cargo(["build", "--quiet", "--workspace", "--test", "cli"]))?;
    let program = target_folder().join("debug/cleanlab");
    let program = program.canonicalize().context("the command was not built")?;
    let folder = target_folder().join("trust/quiet");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("home")).context("target/trust/quiet")?;
    fs::create_dir_all(folder.join("work")).context("target/trust/quiet")?;
    let folder = folder.canonicalize().context("target/trust/quiet")?;
    let work = folder.join("work");
    make_inputs(&work)?;
    shows_what_is_loud(&strace, &folder)?;
    let mut n_writes = 0;
    for (arguments, outputs) in RUNS {
        let before = names(&work)?;
        let log = trace(&strace, &folder, &program, &arguments.split(' ').collect::<Vec<_>>())?;
        let what = || format!("cleanlab {arguments}");
        let outputs: Vec<PathBuf> = outputs.iter().map(|output| work.join(output)).collect();
        n_writes += judge(&log, &work, &outputs).with_context(what)?;
        let is_told = |name: &PathBuf| outputs.iter().any(|output| name.starts_with(output));
        let left: Vec<PathBuf> =
            names(&work)?.difference(&before).filter(|name| !is_told(name)).cloned().collect();
        ensure!(left.is_empty(), "cleanlab {arguments} has left {left:?}");
        let missing = outputs.iter().find(|output| !output.exists());
        ensure!(missing.is_none(), "cleanlab {arguments} has not written {missing:?}");
    }
    let home = names(&folder.join("home"))?;
    ensure!(home.is_empty(), "something was written to the home or the temporary folder: {home:?}");
    ensure!(n_writes > 100, "only {n_writes} writes were seen, so that strace saw nothing");
    let n = RUNS.len();
    Ok(format!("{n} of {n} runs under strace opened no socket and wrote only where told ({n_writes} writes)"))
}

fn make_inputs(work: &Path) -> Result<()> {
    let fixtures = workspace_root().join("crates/cli/tests/cli/fixtures");
    let labels = "0\n1\n".repeat(20);
    let line = |row: usize| if row.is_multiple_of(3) { "0.25,0.75\n" } else { "0.75,0.25\n" };
    let probs: String = (0..40).map(line).collect();
    let values: Vec<u8> = (0..40)
        .flat_map(|row| if row % 3 == 0 { [0.25, 0.75] } else { [0.75, 0.25] })
        .flat_map(f64::to_le_bytes)
        .collect();
    let indices: Vec<u8> = (0..40_i64).flat_map(|row| (row % 2).to_le_bytes()).collect();
    let files: [(&str, Vec<u8>); 6] = [
        ("pets.csv", fs::read(fixtures.join("pets.csv")).context("pets.csv")?),
        ("y.txt", labels.into_bytes()),
        ("p.csv", format!("0,1\n{probs}").into_bytes()),
        ("y.npy", npy("<i8", "(40,)", &indices)),
        ("p.npy", npy("<f8", "(40, 2)", &values)),
        ("audit.toml", b"file = \"pets.csv\"\nlabel = \"animal\"\nout = \"of_config\"\n".to_vec()),
    ];
    for (name, content) in files {
        fs::write(work.join(name), content).context(name)?;
    }
    Ok(())
}

fn npy(dtype: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(values);
    bytes
}

/// Runs a program under strace and gives what strace saw.
fn trace(strace: &Path, folder: &Path, program: &Path, arguments: &[&str]) -> Result<String> {
    let log = folder.join("log");
    let home = folder.join("home");
    let mut command = Command::new(strace);
    command
        .args(["-f", "-y", "-qq", "-s", "4096", "-e", CALLS, "-e", "signal=none", "-o"])
        .arg(&log)
        .arg(program)
        .args(arguments);
    command.current_dir(folder.join("work")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for variable in ["HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"]
    {
        command.env(variable, &home);
    }
    command.status().with_context(|| format!("could not start {}", strace.display()))?;
    fs::read_to_string(&log).context("strace left no log; may processes be traced here?")
}

/// That a socket, a program and a file in a wrong place would be seen, whatever else bash itself does as it starts (without
/// `SHELL` in its environment it asks the system's name service who runs it, over a socket of its own).
fn shows_what_is_loud(strace: &Path, folder: &Path) -> Result<()> {
    let work = folder.join("work");
    for (script, word) in [
        ("exec 3<>/dev/tcp/127.0.0.1/9", "AF_INET"),
        ("/bin/true; /bin/true", "execve"),
        ("echo x > ../elsewhere", "elsewhere"),
        ("echo x > beside", "beside"),
    ] {
        let Some(bash) = on_path(&["bash"]) else { bail!("there is no bash to try strace with") };
        let log = trace(strace, folder, &bash, &["-c", script])?;
        let found = judge(&log, &work, &[work.join("told")]);
        let error = found.err().with_context(|| format!("`{script}` was not seen under strace:\n{log}"))?;
        ensure!(format!("{error:#}").contains(word), "`{script}` was taken for {error:#}");
    }
    fs::remove_file(folder.join("elsewhere")).context("elsewhere")?;
    fs::remove_file(work.join("beside")).context("beside")
}

/// Counts the calls that write, all of which have to be to the outputs or to temporary names beside them. The error names
/// every call that was not quiet.
fn judge(log: &str, work: &Path, outputs: &[PathBuf]) -> Result<usize> {
    let (mut n_writes, mut n_started) = (0, 0);
    let mut loud = Vec::new();
    for line in log.lines() {
        let Some((_, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let Some((name, rest)) = call.split_once('(') else { continue };
        match name {
            // Two ends within the process, by which it hears of signals.
            "socketpair" if rest.starts_with("AF_UNIX") => {}
            "sendto" | "recvfrom" | "sendmsg" | "recvmsg" | "shutdown" | "setsockopt" | "getsockopt"
            | "getpeername" | "getsockname" => {}
            "execve" | "execveat" => {
                n_started += 1;
                if n_started > 1 {
                    loud.push(format!("another program was started: {call}"));
                }
            }
            "open" | "openat" | "openat2"
                if !["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"]
                    .iter()
                    .any(|flag| rest.contains(flag)) => {}
            "open" | "openat" | "openat2" | "creat" | "mkdir" | "mkdirat" | "rename" | "renameat"
            | "renameat2" | "link" | "linkat" | "symlink" | "symlinkat" | "unlink" | "unlinkat" | "rmdir"
            | "truncate" | "mknod" | "mknodat" | "chmod" | "fchmodat" | "fchmodat2" | "chown" | "lchown"
            | "fchownat" | "utime" | "utimes" | "utimensat" | "setxattr" | "lsetxattr" => {
                for path in paths(rest, work) {
                    if !may_write(&path, outputs) {
                        loud.push(format!("{call} is not one of the outputs"));
                    }
                    n_writes += 1;
                }
            }
            _ if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                loud.push(format!("{call} is a call of the network"));
            }
            _ => {}
        }
    }
    ensure!(n_started > 0, "strace saw no program start");
    ensure!(loud.is_empty(), "{}", loud.join("; "));
    Ok(n_writes)
}

/// The paths of a call. Behind a descriptor strace tells in `<…>` which folder a path counts from.
fn paths(call: &str, work: &Path) -> Vec<PathBuf> {
    let mut parts = call.split('"');
    let mut found = Vec::new();
    while let (Some(before), Some(path)) = (parts.next(), parts.next()) {
        let folder = before.strip_suffix(">, ").and_then(|before| before.rsplit_once('<'));
        found.push(plain(&folder.map_or(work, |(_, folder)| Path::new(folder)).join(path)));
    }
    found
}

/// Whether a path is an output, within one, on the way to one, or a temporary name beside one.
fn may_write(path: &Path, outputs: &[PathBuf]) -> bool {
    let is_temporary = |output: &PathBuf| {
        let beside = output.parent().and_then(|parent| path.strip_prefix(parent).ok());
        let first = beside.and_then(|rest| rest.components().next());
        first.is_some_and(|first| {
            let name = first.as_os_str().to_string_lossy();
            name.starts_with('.')
                && Path::new(name.as_ref()).extension().is_some_and(|ending| ending == "tmp")
        })
    };
    ["/dev/null", "/dev/tty"].iter().any(|device| path == Path::new(device))
        || outputs
            .iter()
            .any(|output| path.starts_with(output) || output.starts_with(path) || is_temporary(output))
}

/// Without `.` and `..`; links are not followed, and there are none.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

/// Every file and folder below a folder.
fn names(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(names(&path)?);
        }
        found.insert(path);
    }
    Ok(found)
}
