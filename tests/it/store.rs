//! The store: what is acknowledged is kept, what is damaged is found, and nobody fills the disk.

mod backups;
mod basics;
mod crash;
mod damage;
mod disk;
mod letters;
mod marks;
mod orders;
mod sample;
mod size;
