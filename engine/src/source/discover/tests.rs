use super::*;
use scenario_stdlib::host::failure::Failure;

struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        Self(dir)
    }

    fn discover(
        &self,
        cwd: &str,
        typed: &[&str],
        patterns: &[&str],
    ) -> Result<Vec<Script>, Vec<DiscoverError>> {
        let texts = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let root = self.0.path();
        let place = Place {
            root,
            cwd: &root.join(cwd),
            store: &root.join("runs"),
        };
        discover(&place, &texts(typed), &texts(patterns))
    }

    fn files(&self, cwd: &str, typed: &[&str]) -> Vec<String> {
        let scripts = self.discover(cwd, typed, &[]).unwrap();
        scripts.into_iter().map(|script| script.file).collect()
    }

    fn message(&self, typed: &str) -> String {
        let errors = self.discover("", &[typed], &[]).unwrap_err();
        assert_eq!(errors.len(), 1);
        Failure::from(errors[0].clone()).render()
    }
}

fn tree() -> Tree {
    Tree::new(&[
        "scenarios/login.rhai",
        "scenarios/shop/cart.rhai",
        "scenarios/shop/users.csv",
        "scenarios/.hidden/x.rhai",
        "scenarios/.draft.rhai",
        "runs/old.rhai",
        "other/a.rhai",
    ])
}

#[test]
fn c34_a_pattern_in_quotes_is_expanded_by_us() {
    let tree = tree();
    assert_eq!(
        tree.files("", &["scenarios/*.rhai"]),
        ["scenarios/login.rhai"]
    );
    assert_eq!(
        tree.files("", &["**/*.rhai"]),
        [
            "other/a.rhai",
            "scenarios/login.rhai",
            "scenarios/shop/cart.rhai"
        ]
    );
    assert_eq!(
        tree.files("", &["scenarios/*"]),
        ["scenarios/login.rhai", "scenarios/shop/cart.rhai"]
    );
    assert_eq!(
        tree.files("scenarios", &["l?gin.rhai"]),
        ["scenarios/login.rhai"]
    );
}

#[test]
fn o20_what_a_report_names_can_be_typed_in_every_folder() {
    let tree = tree();
    let typed = "scenarios/login.rhai::log in";
    let found = tree.discover("other", &[typed], &[]).unwrap();
    assert_eq!(found[0].file, "scenarios/login.rhai");
    assert_eq!(found[0].names, ["log in"]);
    assert_eq!(tree.files("other", &["a.rhai"]), ["other/a.rhai"]);
}

#[test]
fn c34_a_folder_stands_for_the_scripts_below_it_without_hidden_ones_and_runs() {
    let tree = tree();
    assert_eq!(
        tree.files("", &["."]),
        [
            "other/a.rhai",
            "scenarios/login.rhai",
            "scenarios/shop/cart.rhai"
        ]
    );
    assert_eq!(
        tree.files("scenarios", &["shop/"]),
        ["scenarios/shop/cart.rhai"]
    );
}

#[test]
fn a_project_within_the_project_is_left_alone_unless_it_is_named() {
    let tree = Tree::new(&[
        "scenarios/a.rhai",
        "scenarios/inner/scenario.toml",
        "scenarios/inner/b.rhai",
        "scenarios/inner/deep/c.rhai",
    ]);
    assert_eq!(tree.files("", &["scenarios"]), ["scenarios/a.rhai"]);
    assert_eq!(
        tree.files("", &["scenarios/inner"]),
        ["scenarios/inner/b.rhai", "scenarios/inner/deep/c.rhai"]
    );
}

#[test]
fn a_file_is_taken_once_by_whatever_name() {
    let tree = tree();
    let typed = [
        "login.rhai",
        "./login.rhai",
        "shop/../login.rhai",
        "../scenarios",
    ];
    assert_eq!(
        tree.files("scenarios", &typed),
        ["scenarios/login.rhai", "scenarios/shop/cart.rhai"]
    );
}

#[test]
fn lines_and_names_behind_a_file_are_parts_of_it() {
    let tree = tree();
    let typed = [
        "scenarios/login.rhai:12",
        "scenarios/login.rhai:40:3",
        "other/a.rhai::log in: Ada",
    ];
    let scripts = tree.discover("", &typed, &[]).unwrap();
    assert_eq!(scripts[1].lines, [12, 40]);
    assert_eq!(scripts[0].names, ["log in: Ada"]);
    let scripts = tree
        .discover("", &["scenarios/login.rhai:12", "scenarios"], &[])
        .unwrap();
    assert_eq!(
        scripts[0].lines, [0_u32; 0],
        "the whole file outweighs a line"
    );
    assert!(
        tree.message("scenarios/login.rhai:0")
            .contains("lines count from 1")
    );
}

#[test]
fn a_script_that_is_typed_alone_is_marked() {
    let tree = tree();
    let alone = |typed: &[&str]| tree.discover("", typed, &[]).unwrap()[0].alone;
    assert!(alone(&["other/a.rhai"]));
    assert!(!alone(&["other/*.rhai"]));
    assert!(!alone(&["other/a.rhai", "scenarios/login.rhai"]));
}

#[test]
fn a_missing_file_is_a_usage_error_with_its_neighbour() {
    let tree = tree();
    assert_eq!(
        tree.message("scenarios/logni.rhai"),
        "there is no file or folder `scenarios/logni.rhai`\n  hint: did you mean `scenarios/login.rhai`?"
    );
    assert!(
        tree.message("scenario/login.rhai")
            .contains("did you mean `scenarios`?")
    );
    assert!(
        tree.message("scenarios/login")
            .contains("did you mean `scenarios/login.rhai`?")
    );
    assert!(
        tree.message("scenarios/logni.rhai:3")
            .contains("`scenarios/logni.rhai`")
    );
    assert!(
        tree.message("scenarios/shop/users.csv")
            .contains("scripts end in .rhai")
    );
    let errors = tree.discover("", &["nope.rhai"], &[]).unwrap_err();
    assert!(!errors[0].is_nothing_selected());
}

#[test]
fn a_pattern_without_match_selects_nothing() {
    let tree = Tree::new(&["scenarios/users.csv"]);
    for typed in ["scenarios/*.rhai", "scenarios"] {
        let errors = tree.discover("", &[typed], &[]).unwrap_err();
        assert!(errors[0].is_nothing_selected(), "{typed}");
    }
    assert!(
        tree.message("scenarios/*.rhai")
            .starts_with("no script matches `scenarios/*.rhai`")
    );
    let errors = tree
        .discover("", &[], &["scenarios/**/*.rhai"])
        .unwrap_err();
    assert!(errors[0].is_nothing_selected());
    assert_eq!(
        errors[0].to_string(),
        "there are no scripts: nothing matches scenarios/**/*.rhai"
    );
}

#[test]
fn a_bad_pattern_is_a_usage_error() {
    let tree = tree();
    assert!(
        tree.message("a/**b/*.rhai")
            .starts_with("`a/**b/*.rhai` is not a pattern: ")
    );
    assert!(tree.message("[").contains("is not a pattern"));
}

#[test]
fn all_that_is_wrong_is_said() {
    let errors = tree()
        .discover("", &["a.rhai", "b*.rhai"], &[])
        .unwrap_err();
    assert_eq!(errors.len(), 2);
}

#[test]
fn without_paths_the_project_says_what_to_run() {
    let tree = tree();
    let scripts = tree
        .discover(
            "scenarios/shop",
            &[],
            &["nowhere", "other", "scenarios/*.rhai"],
        )
        .unwrap();
    let files: Vec<&str> = scripts.iter().map(|script| script.file.as_str()).collect();
    assert_eq!(files, ["other/a.rhai", "scenarios/login.rhai"]);
}

#[test]
fn brackets_in_the_name_of_the_folder_do_no_harm() {
    let tree = Tree::new(&["[x]/a.rhai"]);
    assert_eq!(tree.files("[x]", &["*.rhai"]), ["[x]/a.rhai"]);
    assert_eq!(tree.files("", &["[x]/a.rhai"]), ["[x]/a.rhai"]);
}

#[test]
fn a_script_outside_of_the_project_keeps_its_whole_name() {
    let tree = Tree::new(&["p/x", "elsewhere/a.rhai"]);
    let root = tree.0.path().join("p");
    let place = Place {
        root: &root,
        cwd: &root,
        store: &root.join(".scenario"),
    };
    let scripts = discover(&place, &["../elsewhere/a.rhai".to_owned()], &[]).unwrap();
    assert!(Path::new(&scripts[0].file).is_absolute());
    assert!(scripts[0].file.ends_with("/elsewhere/a.rhai"));
}
