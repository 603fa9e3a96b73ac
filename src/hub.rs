//! All I/O behind one handle: store, sources and ledger on their own thread.
