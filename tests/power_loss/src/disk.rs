//! A VFS of SQLite that knows which content of each file was synchronized.
//!
//! It passes everything on to the VFS of the system, and keeps the content that each file had at
//! its last synchronization. After a power failure a disk has at least that. What was written later
//! may be there or not, for each file by itself.

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use rusqlite::ffi;

/// Content of each file at its last synchronization.
static DURABLE: Mutex<Option<HashMap<PathBuf, Vec<u8>>>> = Mutex::new(None);

/// Path of each open file, by the address of SQLite's object for it.
static OPEN: Mutex<Option<HashMap<usize, PathBuf>>> = Mutex::new(None);

/// The VFS of the system.
static SYSTEM: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(std::ptr::null_mut());

/// Addresses of the methods of the system, and of those of this disk. A database file has others
/// than a log.
static METHODS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes this disk the default of SQLite in this process.
pub fn install() {
    static INSTALLED: Once = Once::new();
    // SAFETY: SQLite returns a VFS that lives as long as the process. The copy and its name are
    // leaked, so they do, too.
    INSTALLED.call_once(|| unsafe {
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        assert!(!system.is_null(), "SQLite has a default VFS");
        SYSTEM.store(system, Ordering::Release);
        let mut disk = std::ptr::read(system);
        disk.pNext = std::ptr::null_mut();
        disk.zName = c"power-loss".as_ptr();
        disk.xOpen = Some(open);
        disk.xDelete = Some(delete);
        let code = ffi::sqlite3_vfs_register(Box::leak(Box::new(disk)), 1);
        assert_eq!(code, ffi::SQLITE_OK);
    });
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let system = SYSTEM.load(Ordering::Acquire);
    // SAFETY: SQLite calls this with the arguments that the VFS of the system expects, and that VFS
    // fills the file if it succeeds.
    unsafe {
        let open = (*system).xOpen.expect("a VFS can open files");
        let code = open(system, name, file, flags, out);
        if code != ffi::SQLITE_OK || name.is_null() || (*file).pMethods.is_null() {
            return code;
        }
        let path = PathBuf::from(CStr::from_ptr(name).to_string_lossy().into_owned());
        // A file that exists before it is opened was put there by something that synchronized it.
        let content = std::fs::read(&path).unwrap_or_default();
        lock(&DURABLE)
            .get_or_insert_default()
            .entry(path.clone())
            .or_insert(content);
        lock(&OPEN).get_or_insert_default().insert(file as usize, path);
        (*file).pMethods = recording((*file).pMethods);
        ffi::SQLITE_OK
    }
}

/// Returns the methods of the system, with those of this disk in place of two.
unsafe fn recording(methods: *const ffi::sqlite3_io_methods) -> *const ffi::sqlite3_io_methods {
    let mut known = lock(&METHODS);
    if let Some((_, recording)) = known.iter().find(|(system, _)| *system == methods as usize) {
        return *recording as *const _;
    }
    // SAFETY: the methods are a constant of SQLite.
    let mut recording = unsafe { std::ptr::read(methods) };
    recording.xSync = Some(sync);
    recording.xClose = Some(close);
    let recording: &'static _ = Box::leak(Box::new(recording));
    known.push((methods as usize, std::ptr::from_ref(recording) as usize));
    recording
}

/// Returns the methods of the system for a file of this disk.
unsafe fn of_system(file: *mut ffi::sqlite3_file) -> *const ffi::sqlite3_io_methods {
    // SAFETY: the file is open, so SQLite has its methods.
    let methods = unsafe { (*file).pMethods } as usize;
    let known = lock(&METHODS);
    let found = known.iter().find(|(_, recording)| *recording == methods);
    found.expect("this disk opened the file").0 as *const _
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the file was opened by the VFS of the system.
    let code = unsafe {
        let sync = (*of_system(file)).xSync.expect("a file can be synchronized");
        sync(file, flags)
    };
    let path = lock(&OPEN).get_or_insert_default().get(&(file as usize)).cloned();
    if let Some(path) = path {
        let content = std::fs::read(&path).unwrap_or_default();
        lock(&DURABLE).get_or_insert_default().insert(path, content);
    }
    code
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    lock(&OPEN).get_or_insert_default().remove(&(file as usize));
    // SAFETY: the file was opened by the VFS of the system.
    unsafe {
        let close = (*of_system(file)).xClose.expect("a file can be closed");
        close(file)
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let system = SYSTEM.load(Ordering::Acquire);
    // SAFETY: SQLite calls this with the arguments that the VFS of the system expects.
    unsafe {
        let path = PathBuf::from(CStr::from_ptr(name).to_string_lossy().into_owned());
        lock(&DURABLE).get_or_insert_default().remove(&path);
        let delete = (*system).xDelete.expect("a VFS can delete files");
        delete(system, name, sync)
    }
}

/// Part of a file that survives a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survival {
    /// Only what was synchronized.
    Synchronized,
    /// Everything that was written.
    Everything,
}

/// Writes the files of a folder as a disk may have them after a power failure to another folder.
/// `survival` decides for each file.
pub fn power_failure(from: &Path, to: &Path, mut survival: impl FnMut(&Path) -> Survival) {
    let durable = lock(&DURABLE).get_or_insert_default().clone();
    for (path, content) in durable.iter().filter(|(path, _)| path.parent() == Some(from)) {
        let name = path.file_name().expect("it is a file");
        let content = match survival(path) {
            Survival::Synchronized => content.clone(),
            Survival::Everything => std::fs::read(path).unwrap_or_else(|_| content.clone()),
        };
        if !content.is_empty() {
            std::fs::write(to.join(name), content).expect("there is room");
        }
    }
}
