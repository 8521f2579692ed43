//! A picture of a group's ratios, written by hand as SVG: one line per measured call, on a logarithmic scale.

use std::fmt::Write;

use super::figures::{Measured, Row, Spread};
use super::tables::number;

const WIDTH: f64 = 900.0;
const LABELS: f64 = 300.0;
const RIGHT: f64 = 90.0;
const LINE: f64 = 20.0;
const HEADING: f64 = 30.0;
const TOP: f64 = 62.0;

/// Readable on light and on dark pages: the picture has a ground of its own, which follows the reader's setting.
const STYLE: &str = "
  text { font: 12px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328; }
  .ground { fill: #ffffff; } .heading { font-weight: 600; } .quiet { fill: #59636e; font-size: 11px; }
  .grid { stroke: #d1d9e0; } .even { stroke: #818b98; } .spread { stroke: #0969da; }
  .all { fill: #0969da; } .one { fill: #ffffff; stroke: #0969da; } .target { stroke: #bc4c00; } .met { stroke: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .ground { fill: #0d1117; } .quiet { fill: #9198a1; } .grid { stroke: #2b323b; }
    .even { stroke: #6e7681; } .spread { stroke: #58a6ff; } .all { fill: #58a6ff; }
    .one { fill: #0d1117; stroke: #58a6ff; } .target { stroke: #f0883e; } .met { stroke: #3fb950; }
  }";

/// One call: what it was on all threads and on one.
struct Line<'a> {
    work: &'a str,
    peer: &'a str,
    all: Option<Spread>,
    one: Option<Spread>,
    target: Option<f64>,
    /// Whether the target is met, by the ratio or by the limit of the machine.
    met: bool,
}

/// The picture, or `None` where nothing has a peer.
pub(crate) fn plot(measured: &Measured) -> Option<String> {
    let groups: Vec<(&str, Vec<Line<'_>>)> = measured
        .by_data()
        .into_iter()
        .map(|(data, rows)| (data, lines_of(&rows)))
        .filter(|(_, lines)| !lines.is_empty())
        .collect();
    let ratios = groups.iter().flat_map(|(_, lines)| lines.iter());
    let spreads: Vec<Spread> = ratios.flat_map(|line| line.all.into_iter().chain(line.one)).collect();
    if spreads.is_empty() {
        return None;
    }
    let least = spreads.iter().map(|spread| spread.smallest).fold(1.0, f64::min);
    let most = spreads.iter().map(|spread| spread.largest).fold(10.0, f64::max);
    let scale = Scale { from: least.log10(), to: most.log10() };
    let height =
        TOP + groups.iter().map(|(_, lines)| HEADING + LINE * lines.len() as f64).sum::<f64>() + 24.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"Ratios of the group {}\">\n<style>{STYLE}\n</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n",
        escaped(&measured.group)
    );
    legend(&mut svg, &measured.group, measured.rounds);
    grid(&mut svg, &scale, height - 20.0);
    let mut y = TOP;
    for (data, lines) in &groups {
        y += HEADING;
        let _ =
            writeln!(svg, "<text class=\"heading\" x=\"16\" y=\"{:.1}\">{}</text>", y - 9.0, escaped(data));
        for line in lines {
            draw(&mut svg, &scale, line, y);
            y += LINE;
        }
    }
    Some(svg + "</svg>\n")
}

fn lines_of<'a>(rows: &[&'a Row]) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for row in rows {
        let (Some(ratio), Some((peer, _))) = (row.ratio(), row.best_peer()) else { continue };
        let program = peer.split(' ').next().unwrap_or(peer);
        let known = lines.iter_mut().find(|line| line.work == row.work && line.peer == program);
        let line = match known {
            Some(line) => line,
            None => {
                lines.push(Line {
                    work: &row.work,
                    peer: program,
                    all: None,
                    one: None,
                    target: None,
                    met: false,
                });
                let Some(line) = lines.last_mut() else { continue };
                line
            }
        };
        let place = if row.threads == "one" { &mut line.one } else { &mut line.all };
        *place = Some(ratio);
        line.met |= row.holds().0 == Some(true);
        line.target = line.target.or(row.target.as_ref().and_then(|target| target.ratio));
    }
    lines
}

struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    fn x(&self, ratio: f64) -> f64 {
        let share = (ratio.log10() - self.from) / (self.to - self.from);
        LABELS + share.clamp(0.0, 1.0) * (WIDTH - LABELS - RIGHT)
    }

    /// 1, 2 and 5 times the powers of ten within; only the powers where there are many of them.
    fn ticks(&self) -> Vec<f64> {
        let digits: &[f64] = if self.to - self.from > 2.2 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let powers = (self.from.floor() as i32)..=(self.to.ceil() as i32);
        let all = powers.flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power)));
        all.filter(|tick| (self.from - 1e-9..=self.to + 1e-9).contains(&tick.log10())).collect()
    }
}

fn legend(svg: &mut String, group: &str, rounds: u32) {
    let _ = writeln!(
        svg,
        "<text class=\"heading\" x=\"16\" y=\"24\">{}: times as fast as the peer</text>\n\
         <circle class=\"all\" cx=\"{a}\" cy=\"20\" r=\"4.5\"/><text x=\"{b}\" y=\"24\">all threads</text>\n\
         <circle class=\"one\" cx=\"{c}\" cy=\"20\" r=\"3.5\" stroke-width=\"1.5\"/><text x=\"{d}\" y=\"24\">one</text>\n\
         <line class=\"met\" x1=\"{e}\" x2=\"{e}\" y1=\"13\" y2=\"27\" stroke-width=\"2.5\"/><text x=\"{f}\" y=\"24\">target met</text>\n\
         <line class=\"target\" x1=\"{j}\" x2=\"{j}\" y1=\"13\" y2=\"27\" stroke-width=\"2.5\"/><text x=\"{k}\" y=\"24\">not met</text>\n\
         <line class=\"spread\" x1=\"{g}\" x2=\"{h}\" y1=\"20\" y2=\"20\" stroke-width=\"2\"/><text x=\"{i}\" y=\"24\">range of {rounds} rounds</text>",
        escaped(group),
        a = 350,
        b = 360,
        c = 445,
        d = 454,
        e = 500,
        f = 508,
        g = 690,
        h = 714,
        i = 722,
        j = 592,
        k = 600,
    );
}

fn grid(svg: &mut String, scale: &Scale, bottom: f64) {
    for tick in scale.ticks() {
        let x = scale.x(tick);
        let class = if (tick - 1.0).abs() < 1e-9 { "even" } else { "grid" };
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{bottom:.1}\"/>\
             <text class=\"quiet\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}×</text>",
            TOP - 8.0,
            TOP - 13.0,
            number(tick)
        );
    }
}

fn draw(svg: &mut String, scale: &Scale, line: &Line<'_>, y: f64) {
    let middle = y + LINE / 2.0 - 2.0;
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{} <tspan class=\"quiet\">{}</tspan></text>",
        LABELS - 14.0,
        middle + 4.0,
        escaped(&line.work.replace('`', "")),
        escaped(line.peer)
    );
    if let Some(target) = line.target {
        let x = scale.x(target);
        let class = if line.met { "met" } else { "target" };
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke-width=\"2.5\"/>",
            middle - 7.0,
            middle + 7.0
        );
    }
    if let Some(one) = line.one {
        let _ = writeln!(
            svg,
            "<circle class=\"one\" cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"3.5\" stroke-width=\"1.5\"/>",
            scale.x(one.median)
        );
    }
    if let Some(all) = line.all {
        let _ = writeln!(
            svg,
            "<line class=\"spread\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\" stroke-width=\"2\"/>\
             <circle class=\"all\" cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"4.5\"/>",
            scale.x(all.smallest),
            scale.x(all.largest),
            scale.x(all.median)
        );
    }
    if let Some(shown) = line.all.or(line.one) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}×</text>",
            WIDTH - 16.0,
            middle + 4.0,
            number(shown.median)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
