//! What other pages and screens show of us: never better news than the page has, and nothing but words from outside.

mod badges;
mod pictures;
mod served;
mod walls;
