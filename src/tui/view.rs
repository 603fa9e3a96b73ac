//! What is drawn: the frame around every screen, the widgets screens are made of, dialogs and toasts.

pub mod widget;
