//! The pages about the past: all vendors, some side by side, one for its review, a claim against one.

use super::view::{claim, reports, review};
use super::{Pages, RenderError};
use crate::history::report::Line;
use crate::limits;
use crate::model::snapshot::{Snapshot, SourceView};

pub use super::view::claim::Input as Claimed;
pub use super::view::figures::{Windows, windows, zone};
pub use super::view::reports::{Compared, Sort};
pub use super::view::review::{Input as Reviewed, Said};

impl Pages {
    /// The figures of all vendors.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn reports(
        &self,
        snapshot: &Snapshot,
        windows: Windows,
        lines: Vec<Line>,
        sort: Sort,
    ) -> Result<String, RenderError> {
        self.render("reports/all.html", &reports::all(snapshot, windows, lines, sort))
    }

    /// The figures of some vendors side by side.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn compare(
        &self,
        snapshot: &Snapshot,
        windows: Windows,
        columns: &[Compared<'_>],
    ) -> Result<String, RenderError> {
        self.render("reports/compare.html", &reports::compare(snapshot, windows, columns, limits::COMPARED))
    }

    /// The figures of one vendor with what they rest on.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn review(
        &self,
        snapshot: &Snapshot,
        view: &SourceView,
        windows: Windows,
        reviewed: &Reviewed<'_>,
    ) -> Result<String, RenderError> {
        self.render("reports/review.html", &review::page(snapshot, view, windows, reviewed))
    }

    /// What a claim against one vendor rests on; without it, the question what was promised.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn claim(
        &self,
        snapshot: &Snapshot,
        view: &SourceView,
        windows: Windows,
        claimed: Option<&Claimed<'_>>,
    ) -> Result<String, RenderError> {
        self.render("reports/claim.html", &claim::page(snapshot, view, windows, claimed))
    }
}
