//! Joints and noise matrices for people.

use insta::assert_snapshot;

use crate::support::{Run, Scene};

fn noise(width: &str, arguments: &str) -> String {
    let scene = Scene::with("y.txt", "猫\ndog\nsome class with a long name\n".repeat(40));
    let mut command = scene.command();
    Run::of(command.arg("noise").args(arguments.split_whitespace()).env("COLUMNS", width)).ran().stdout
}

#[test]
fn noise_with_names_is_as_before() {
    assert_snapshot!(noise("80", "--labels y.txt --trace 2.4 --frac-zero-noise-rates 0.4"));
}

#[test]
fn huge_matrices_do_not_flood_the_terminal() {
    let text = noise("60", "--classes 300 --trace 250 --any-matrix");
    assert_snapshot!(text);
    let wide = noise("1000", "--classes 300 --trace 250 --any-matrix");
    assert!(wide.lines().count() < 40, "{wide}");
}

#[test]
fn zeros_have_no_sign() {
    for trace in ["1.5", "2", "3.999999", "4"] {
        let text =
            noise("80", &format!("--classes 4 --trace {trace} --any-matrix --frac-zero-noise-rates 1"));
        assert!(!text.replace("---", "").contains('-'), "{text}");
    }
}
