//! Tables as people have them: separators, headers, indices, where the label is and how it is written; and
//! every table that is refused.

use super::*;

/// The data of a CSV file for a network of these ends.
fn table(text: &str, inputs: usize, outputs: usize, label: &str) -> Result<Dataset, DataError> {
    let label = (!label.is_empty()).then(|| label.parse().unwrap());
    let wanted = Wanted {
        label: label.as_ref(),
        ..Wanted::of(Sizes { inputs, outputs })
    };
    super::super::csv::read(text.as_bytes(), Path::new("t.csv"), wanted)
}

/// Inputs of every sample in sixteenths, and its class.
fn samples(data: &Dataset) -> Vec<(Vec<u16>, usize)> {
    let sample = |index| (pair(data, index, 4).0, data.label(index));
    (0..data.len()).map(sample).collect()
}

/// Two samples of two inputs in two classes, in every way in which a program or a person writes them.
#[test]
fn the_same_samples_are_read_however_they_are_written() {
    let expected = [(vec![8, 0], 1), (vec![4, 16], 0), (vec![0, 12], 1)];
    let cases = [
        ("plain", "0.5,0,1\n0.25,1,0\n0,0.75,1\n"),
        ("semicolons", "0.5;0;1\n0.25;1;0\n0;0.75;1\n"),
        ("tabs, Windows", "0.5\t0\t1\r\n0.25\t1\t0\r\n0\t0.75\t1\r\n"),
        (
            "spaces of numpy.savetxt",
            "# a b label\n5.0e-01 0 1\n 0.25  1 0\n0 0.75 1",
        ),
        ("decimal commas", "0,5;0;1\n0,25;1;0\n0;0,75;1\n"),
        (
            "quoted decimal commas",
            "\"0,5\",0,1\n\"0,25\",1,0\n0,\"0,75\",1\n",
        ),
        (
            "byte order mark",
            "\u{feff}a,b,label\n0.5,0,1\n0.25,1,0\n0,0.75,1\n",
        ),
        (
            "byte order mark, no header",
            "\u{feff}0.5,0,1\n0.25,1,0\n0,0.75,1\n",
        ),
        (
            "label first by name",
            "Label,a,b\n1,0.5,0\n0,0.25,1\n1,0,0.75\n",
        ),
        (
            "label in between by name",
            "a,class,b\n0.5,1,0\n0.25,0,1\n0,1,0.75\n",
        ),
        (
            "a header of whole numbers",
            "0,1,2\n0.5,0.0,1\n0.25,1.0,0\n0.0,0.75,1\n",
        ),
        (
            "numbers and a name",
            "0,1,label\n0.5,0,1\n0.25,1,0\n0,0.75,1\n",
        ),
        (
            "index of pandas",
            ",a,b,kind\n0,0.5,0,1\n1,0.25,1,0\n2,0,0.75,1\n",
        ),
        (
            "shuffled index of pandas",
            "Unnamed: 0,a,b,kind\n7,0.5,0,1\n3,0.25,1,0\n9,0,0.75,1\n",
        ),
        (
            "index and numbers of pandas",
            ",0,1,2\n0,0.5,0,1\n1,0.25,1,0\n2,0,0.75,1\n",
        ),
        (
            "index without header",
            "0,0.5,0,1\n1,0.25,1,0\n2,0,0.75,1\n",
        ),
        (
            "index and label first",
            "id,label,a,b\n1,1,0.5,0\n2,0,0.25,1\n3,1,0,0.75\n",
        ),
        (
            "row names of R",
            "\"a\",\"b\",\"y\"\n\"r1\",0.5,0,1\n\"r2\",0.25,1,0\n\"r3\",0,0.75,1\n",
        ),
        ("words", "0.5,0,no\n0.25,1,ja\n0,0.75,no\n"),
        ("words first", "kind,a,b\nno,0.5,0\nja,0.25,1\nno,0,0.75\n"),
        ("empty last column", "0.5,0,1,\n0.25,1,0,\n0,0.75,1,\n"),
        (
            "header longer by nothing",
            "a,b,label,\n0.5,0,1\n0.25,1,0\n0,0.75,1\n",
        ),
        ("labels from 1", "0.5,0,2\n0.25,1,1\n0,0.75,2\n"),
        ("labels −1 and 1", "0.5,0,1\n0.25,1,-1\n0,0.75,1\n"),
        ("labels with points", "0.5,0,1.0\n0.25,1,0.0\n0,0.75,1.0\n"),
        (
            "comments and empty lines",
            "\n# made by hand\n0.5,0,1\n\n0.25,1,0\n0,0.75,1\n",
        ),
    ];
    for (title, text) in cases {
        let outputs: &[usize] = match title {
            // With two outputs it could be two targets.
            "index without header" => &[1],
            _ => &[1, 2],
        };
        for &outputs in outputs {
            let data =
                table(text, 2, outputs, "").unwrap_or_else(|error| panic!("{title}: {error}"));
            assert_eq!(samples(&data), expected, "{title}");
        }
    }
}

#[test]
fn the_label_column_is_the_one_that_is_named() {
    let expected = [(vec![16, 0], 1), (vec![16, 0], 0)];
    let header = "one,two,three\n";
    let first = "1,1,0\n0,1,0\n";
    let middle = "1,1,0\n1,0,0\n";
    let last = "1,0,1\n1,0,0\n";
    for (rows, labels) in [
        (first, ["first", "1", "one"]),
        (middle, ["2", "two", "two"]),
        (last, ["last", "3", "three"]),
    ] {
        for label in labels {
            let text = format!("{header}{rows}");
            assert_eq!(
                samples(&table(&text, 2, 2, label).unwrap()),
                expected,
                "{label}"
            );
        }
    }
    // A header of numbers: its names come before the numbers of columns.
    let data = table("0,1,2\n0.5,1,0.5\n0.5,0,0.5\n", 2, 2, "1").unwrap();
    assert_eq!(samples(&data), [(vec![8, 8], 1), (vec![8, 8], 0)]);
    // After an index; of words that are numbers too; before targets.
    let data = table(",label,a\n5,1,0.5\n6,0,1\n", 1, 2, "first").unwrap();
    assert_eq!(samples(&data), [(vec![8], 1), (vec![16], 0)]);
    let data = table("0.5,1\n0.25,b\n1,0.5\n", 1, 3, "2").unwrap();
    assert_eq!((data.label(0), data.label(1), data.label(2)), (1, 2, 0));
    let data = table("0.25,0.5,1,0\n0,1,1,0\n", 2, 2, "first").unwrap();
    assert_eq!(pair(&data, 0, 4), (vec![16, 0], vec![4, 8]));
}

#[test]
fn words_are_numbered_in_sorted_order_and_shown() {
    let data = table("0,virginica\n1,setosa\n0,versicolor\n", 1, 3, "").unwrap();
    assert_eq!(
        samples(&data)
            .iter()
            .map(|(_, class)| *class)
            .collect::<Vec<_>>(),
        [2, 0, 1]
    );
    assert_eq!(data.class_name(1), "versicolor");
    insta::assert_snapshot!(data.note.unwrap(), @"labels are words, numbered in sorted order: setosa = 0, versicolor = 1, virginica = 2");
    let data = table("0.5,30\n1,10\n0,20\n", 1, 3, "").unwrap();
    insta::assert_snapshot!(data.note.unwrap(), @"labels are numbered in order: 10 = 0, 20 = 1, 30 = 2");
    let data = table("0.5,1\n1,3\n0,3\n", 1, 3, "").unwrap();
    assert_eq!(
        (data.label(0), data.label(1), data.class_name(2)),
        (0, 2, "3".to_owned())
    );
    insta::assert_snapshot!(data.note.unwrap(), @"labels count from 1: 1…3 are the classes 0…2");
}

#[test]
fn test_data_are_numbered_as_the_training_data() {
    let folder = folder(&[
        ("train.csv", b"a,kind\n0,dog\n1,cat\n0,owl\n"),
        ("test.csv", b"a,kind\n0,owl\n1,owl\n"),
        ("foreign.csv", b"a,kind\n0,owl\n1,bee\n"),
        ("numbers.csv", b"0.5,0\n0,2\n"),
    ]);
    let at = |name: &str| folder.path().join(name);
    let network = Network::parse("test.toml", "layers = [1, 3]").unwrap();
    let parts = |test: &str| {
        let (train, test) = (at("train.csv"), at(test));
        Parts::load(&network, Path::new("."), Some(train.as_path()), Some(&test))
    };
    let test = parts("test.csv").unwrap().test.unwrap();
    assert_eq!(
        (test.label(0), test.label(1), test.warnings.len()),
        (2, 2, 0)
    );
    let refusals = ["foreign.csv", "numbers.csv"].map(|test| parts(test).unwrap_err().to_string());
    insta::assert_snapshot!(refusals
        .join("\n")
        .replace(&format!("{}/", folder.path().display()), ""));
}

/// The scale is learned from the training part alone, and goes with weights to whatever they are asked.
#[test]
fn a_scale_is_learned_from_the_training_part_and_stays() {
    let row = |n: i32| format!("{},{},5,{}\n", n * 10, 1000 - n, n % 2);
    let rows: String = (0..20).map(row).collect();
    let folder = folder(&[
        ("train.csv", rows.as_bytes()),
        ("asked.csv", b"95,1000,7\n-50,981,5\n"),
    ]);
    let network = |scale: &str| {
        let text = format!("layers = [3, 2]\n[data]\nscale = \"{scale}\"");
        Network::parse("test.toml", &text).unwrap()
    };
    let at = |name: &str| folder.path().join(name);
    let learn = |network: &Network| {
        let path = at("train.csv");
        Parts::load(network, Path::new("."), Some(path.as_path()), None).unwrap()
    };
    let network_of = network("feature");
    let parts = learn(&network_of);
    let split = crate::train::Split::of(20, network_of.seed);
    let values = |column: fn(i32) -> i32| -> (f64, f64) {
        let of_train = split.train().iter().map(|&index| column(index as i32));
        (
            f64::from(of_train.clone().min().unwrap()),
            of_train.max().unwrap().into(),
        )
    };
    let (low, high) = values(|n| n * 10);
    let states = |low: f64, high: f64, value: f64| {
        ((value - low) / (high - low) * 4096.0 + 0.5)
            .floor()
            .clamp(0.0, 4096.0) as u16
    };
    for index in 0..20 {
        let (input, _) = pair(&parts.train, index, 12);
        assert_eq!(input[0], states(low, high, index as f64 * 10.0));
        // A column of one value says nothing.
        assert_eq!(input[2], 0);
    }
    // Through JSON, as a file of weights holds it.
    let trained = parts.as_trained(&network_of);
    let text = serde_json::to_string(&trained).unwrap();
    let trained: AsTrained = serde_json::from_str(&text).unwrap();
    assert_eq!(trained, parts.as_trained(&network_of));
    let path = at("asked.csv");
    let given = Given {
        path: Some(&path),
        trained: Some(&trained),
        unlabelled: true,
        ..Given::default()
    };
    // The scale is that of the weights, whatever the network file says now.
    let asked = Dataset::load(&network("whole"), Path::new("."), given).unwrap();
    assert!(!asked.is_labelled());
    assert_eq!(asked.sample(0, 12).input[0], states(low, high, 95.0));
    assert_eq!(asked.sample(1, 12).input[0], 0);
    assert_eq!(trained.split(&asked), None);
    assert_eq!(trained.split(&parts.train), Some(split));
    // Without leave, a table without labels is refused.
    let given = Given {
        unlabelled: false,
        ..given
    };
    assert!(Dataset::load(&network_of, Path::new("."), given).is_err());
}

#[test]
fn z_scores_are_cut_at_three_deviations_and_none_takes_what_is_there() {
    let load = |scale: &str| {
        let text = format!("layers = [1, 2]\n[data]\nscale = \"{scale}\"");
        let network = Network::parse("test.toml", &text).unwrap();
        let folder = folder(&[("few.csv", b"-1,0\n1,1\n-1,0\n1,1\n")]);
        let path = folder.path().join("few.csv");
        Dataset::load(&network, Path::new("."), Some(path.as_path())).unwrap()
    };
    // Mean 0, deviation 1: −1 is a third of the way, 1 two thirds.
    let data = load("z-score");
    let states = [0, 1].map(|index| pair(&data, index, 12).0[0]);
    assert_eq!(states, [1365, 2731]);
    let data = load("none");
    assert_eq!([0, 1].map(|index| pair(&data, index, 12).0[0]), [0, 4096]);
}

#[test]
fn what_a_user_should_know_is_told() {
    let told = |text: &str, inputs, outputs| {
        let data = table(text, inputs, outputs, "").unwrap();
        let warnings = data
            .warnings
            .iter()
            .map(|w| format!("warning: {}\n  help: {}", w.message, w.help));
        let lines: Vec<_> = data
            .note
            .map(|note| format!("note: {note}"))
            .into_iter()
            .chain(warnings)
            .collect();
        lines.join("\n")
    };
    let texts = [
        told("0,1,0\n1,0,1\n", 2, 2),
        told("0.5,0,1\n0.25,1,1\n", 2, 2),
        told("0.5,red\n0.25,green\n", 1, 3),
        told("x,label\n0,1\n1,0\n2,1\n", 1, 2),
        told("t,x,label\n0,0.5,1\n1,0.5,0\n2,1,1\n", 2, 2),
        told("0,1,2,3\n0,1,1,1\n0,1,1,0\n", 3, 2),
        told("Id,x,Species\n1,0.5,a\n2,1,b\n", 1, 2),
        told("a,b,c,\n0.1,1,0,\n0.2,0,1,\n", 2, 2),
    ];
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn every_table_in_doubt_is_refused_with_line_and_way_out() {
    let kaggle = "0,0,12,0\n7,9,255,0\n2,0,3,0\n";
    let open = format!("0,0,\"1\n{}", "0,0,1\n".repeat(6_000_000));
    let cases = [
        ("label first, black last pixel", kaggle, 3, 10, ""),
        ("label first, grey last pixel", "1,0,7\n0,9,255\n", 2, 2, ""),
        (
            "label first, last pixel of two values",
            "0,9,0\n1,9,1\n2,9,1\n",
            2,
            3,
            "",
        ),
        (
            "label first, scaled pixels",
            "1,0.5,0.25\n0,0.5,0.75\n",
            2,
            1,
            "",
        ),
        ("two labels", "class,x,target\n1,0,1\n", 2, 2, ""),
        ("header or sample", "0,1,2\n1,1,0\n", 2, 3, ""),
        (
            "header or sample with a word",
            "0,zero,1\n0,1,1\n",
            2,
            2,
            "",
        ),
        (
            "index and label",
            ",a,b,label\n0,1,1,0\n1,0,0,1\n",
            3,
            2,
            "",
        ),
        (
            "index without header",
            "0,5,1,0\n1,6,0,1\n2,7,1,1\n",
            7,
            2,
            "",
        ),
        (
            "index or two targets",
            "0,1,0.5,1\n1,0,0.5,0\n2,1,1,0.5\n",
            2,
            2,
            "",
        ),
        ("no label", "0.5,0.5\n1,0.5\n", 2, 2, ""),
        ("other separator", "0.5|0.5|1\n1|0.5|0\n", 2, 2, ""),
        ("semicolons", "0.5;0.5;1\n1;0.5;0\n", 5, 2, ""),
        ("missing value", "a,b,label\n1,2,0\n1,,1\n", 2, 2, ""),
        ("missing value as a word", "1,?,0\n1,2,1\n", 2, 2, ""),
        ("missing label", "3,2,a\n1,2,\n", 2, 2, ""),
        (
            "words as input",
            "colour,x,kind\nred,1,a\nblue,0,b\n",
            2,
            2,
            "",
        ),
        (
            "words beside the label",
            "colour,x,label\nred,1,0\nblue,0,1\n",
            2,
            2,
            "",
        ),
        ("words in numbers", "1,2,0\n1,two,1\n", 2, 2, ""),
        ("thousands", "1.234,5;2;0\n1;2;1\n", 2, 2, ""),
        ("both decimal signs", "1,5;2;0\n1.5;2;1\n", 2, 2, ""),
        ("more words than classes", "0,a\n0,b\n0,c\n0,d\n", 1, 2, ""),
        ("UTF-16", "\u{0}", 2, 2, ""),
        ("no such name", "a,b,c\n1,2,0\n", 2, 2, "label"),
        ("no such column", "1,2,0\n", 2, 2, "4"),
        ("two of a name", "a,a,c\n1,2,0\n", 2, 2, "a"),
        ("targets run out", "1,2,0,1\n", 2, 2, "4"),
        ("label among targets", "a,class,c,d\n1,0,0,1\n", 2, 2, ""),
        ("a quotation mark left open", &open[..], 2, 2, ""),
    ];
    let mut texts = String::new();
    for (title, text, inputs, outputs, label) in cases {
        let error = match title {
            "UTF-16" => {
                let sizes = Sizes { inputs, outputs };
                let wanted = Wanted::of(sizes);
                super::super::csv::read(&b"\xff\xfe0\x00"[..], Path::new("t.csv"), wanted)
            }
            _ => table(text, inputs, outputs, label),
        };
        let error = error.expect_err(title);
        texts += &format!(
            "{title}\n  {}\n  {error}\n  help: {}\n\n",
            error.code(),
            error.help().unwrap()
        );
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn a_label_column_is_refused_where_there_are_none() {
    let folder = folder(&[("images-idx3-ubyte", &idx(&[1, 1, 2], &[0; 2]))]);
    let image = folder.path().join("images-idx3-ubyte");
    let network = Network::builtin("xor").unwrap();
    let load = |path| {
        let given = Given {
            path,
            label: Some(&LabelColumn::First),
            ..Given::default()
        };
        Dataset::load(&network, Path::new("."), given)
            .unwrap_err()
            .to_string()
    };
    let texts = [load(None), load(Some(image.as_path()))].join("\n");
    insta::assert_snapshot!(texts.replace(&format!("{}/", folder.path().display()), ""), @"
    --label-column first: the built-in data set keeps labels apart from inputs
    --label-column first: `images-idx3-ubyte` keeps labels apart from inputs
    ");
}

#[test]
fn regression_keeps_its_targets() {
    let data = table("x,y\n0.5,0.25\n0.75,1\n1,0.125\n", 1, 1, "").unwrap();
    assert_eq!((data.target(0, 0), data.target(2, 0)), (0.25, 0.125));
    let data = table("0;0,5;0,25\n1;0,5;0,75\n", 1, 2, "").unwrap();
    assert_eq!((data.target(0, 0), data.target(1, 1)), (0.5, 0.75));
    // The label column of one target for each output is the first of them.
    let data = table("p,q,x\n0.5,0.25,1\n0,0.75,0.5\n", 1, 2, "p").unwrap();
    assert_eq!((data.target(0, 1), data.target(1, 1)), (0.25, 0.75));
    // Targets that are one 1 among 0s are classes.
    let data = table("0.5,0,0,1\n1,1,0,0\n", 1, 3, "").unwrap();
    assert_eq!((data.label(0), data.missing_classes(&[0, 1])), (2, vec![1]));
}

proptest! {
    /// Whatever the text: what is read has the promised sizes, and nothing panics.
    #[test]
    fn any_table_is_data_or_an_error(
        text in "([a-c]|[0-9]{1,3}|[0-9][.,][0-9]|label|\"|\\?|){1,4}([,;\t \n#]([a-c]|[0-9]{1,2}|-?[0-9][.,][0-9]|label|\")){0,12}\n?",
        inputs in 1usize..4, outputs in 1usize..4,
        label in "(|first|last|[1-4]|label)",
    ) {
        if let Ok(data) = table(&text, inputs, outputs, &label) {
            for index in 0..data.len() {
                let (input, target) = pair(&data, index, 12);
                prop_assert_eq!((input.len(), target.len()), (inputs, outputs));
                prop_assert!(data.label(index) < data.classes());
            }
        }
    }

    /// A table of random numbers is read alike with every separator, header and index.
    #[test]
    fn the_dress_of_a_table_does_not_matter(
        rows in prop::collection::vec((0u32..1000, 0u32..1000, 0usize..3), 4..20),
        separator in prop::sample::select(vec![";", "\t", ","]), comma: bool, index: bool, header: bool, first: bool,
    ) {
        let comma = comma && separator != ",";
        let mut text = String::new();
        let line = |parts: [String; 4]| {
            let skip = usize::from(!index);
            parts[skip..].join(separator) + "\n"
        };
        let order = |a: String, b: String, label: String| match first {
            true => [label, a, b],
            false => [a, b, label],
        };
        if header {
            let [x, y, z] = order("a".into(), "b".into(), "kind".into());
            text += &line([String::new(), x, y, z]);
        }
        for (at, &(a, b, class)) in rows.iter().enumerate() {
            let real = |value: u32| format!("0.{value:03}").replace('.', if comma { "," } else { "." });
            let [x, y, z] = order(real(a), real(b), ["ape", "bee", "cow"][class].to_owned());
            text += &line([at.to_string(), x, y, z]);
        }
        let data = table(&text, 2, 3, "").unwrap();
        let mut present: Vec<usize> = rows.iter().map(|row| row.2).collect();
        present.sort_unstable();
        present.dedup();
        prop_assert_eq!(data.len(), rows.len());
        for (at, &(a, b, class)) in rows.iter().enumerate() {
            let states = [a, b].map(|value| state_from_real(f64::from(value) / 1000.0, 12));
            prop_assert_eq!(pair(&data, at, 12).0, states);
            prop_assert_eq!(data.label(at), present.binary_search(&class).unwrap());
        }
    }
}
