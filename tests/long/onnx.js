// Trains models of all kinds, exports each to ONNX, and compares what ONNX Runtime makes of rows
// with what predict does: the same labels, probabilities to 1e-6. Called by onnx.sh.
"use strict";
const { execFileSync } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const ort = require("onnxruntime-node");

const tapewise = path.join(process.argv[2], "apps", "tapewise");
const data = path.join(__dirname, "..", "data");
const allowed = 1e-6;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tapewise-onnx-"));
let failures = 0;

// The records of a CSV (RFC 4180), as objects by the names of the first.
function records(text) {
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; ++i) {
    const row = rows[rows.length - 1];
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') {
      row[row.length - 1] += '"';
      ++i;
    } else if (c === '"') {
      quoted = !quoted;
    } else if (c === "," && !quoted) {
      row.push("");
    } else if (c === "\n" && !quoted) {
      rows.push([""]);
    } else {
      row[row.length - 1] += c;
    }
  }
  if (rows[rows.length - 1].join("") === "") rows.pop();
  const names = rows.shift();
  return rows.map((row) => Object.fromEntries(names.map((name, k) => [name, row[k]])));
}

function csv(rows) {
  const names = Object.keys(rows[0]);
  const field = (text) => (/[",\n\\]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((row) => row.map(field).join(",") + "\n")
    .join("");
}

function run(...words) {
  try {
    return execFileSync(tapewise, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (error.status === 3) return error.stdout; // not converged: a model all the same
    throw error;
  }
}

// What ONNX Runtime makes of the rows: [{label, p: [...]}].
async function answers(onnx, rows) {
  const session = await ort.InferenceSession.create(onnx, { logSeverityLevel: 3 });
  const feeds = {};
  for (const { name, type } of session.inputMetadata) {
    const cells = rows.map((row) => row[name]);
    feeds[name] =
      type === "string"
        ? new ort.Tensor("string", cells, [rows.length, 1])
        : new ort.Tensor("float64",
                         Float64Array.from(cells, (cell) => (cell === "" ? NaN : Number(cell))),
                         [rows.length, 1]);
  }
  const results = await session.run(feeds);
  const [labels, probabilities] = session.outputNames.map((name) => results[name]);
  const classes = probabilities.dims[1];
  return rows.map((_, row) => ({
    label: labels.data[row],
    p: Array.from(probabilities.data.slice(row * classes, (row + 1) * classes)),
  }));
}

// Trains on a file, and compares on `rows` of it and others.
async function compare(title, file, target, flags, extremes = []) {
  const at = (name) => path.join(folder, name);
  run("train", file, "--target", target, "--cv", "none", "-o", at("m.json"), ...flags);
  run("export", at("m.json"), "--to", "onnx", "-o", at("m.onnx"));
  const rows = records(fs.readFileSync(file, "utf8")).concat(extremes);
  fs.writeFileSync(at("rows.csv"), csv(rows));
  const expected = records(run("predict", at("m.json"), at("rows.csv")));
  const found = await answers(at("m.onnx"), rows);
  let largest = 0;
  let different = 0;
  for (const [row, prediction] of expected.entries()) {
    const [label, ...p] = Object.values(prediction);
    if (label !== found[row].label) ++different;
    p.forEach((number, k) => {
      const difference = Math.abs(Number(number) - found[row].p[k]);
      largest = difference <= largest ? largest : difference; // NaN too
    });
  }
  const good = largest <= allowed && different === 0 && expected.length === found.length;
  if (!good) ++failures;
  console.log(`${good ? "ok    " : "FAILED"} ${title.padEnd(44)} ${String(rows.length).padStart(4)} ` +
              `rows, largest difference ${largest.toExponential(1)}, ${different} labels differ`);
  return rows;
}

// Columns and classes with names, levels and gaps that no runtime is prepared for.
function oddRows(count) {
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const pick = (list) => list[Math.floor(random() * list.length)];
  const colours = ["red", 'bl"ue', "back\\slash", "two\nlines", "grün", "%d"];
  const rows = [];
  for (let k = 0; k < count; ++k) {
    const x = random() * 4 - 2;
    const colour = pick(colours);
    const z = x + (colour === "grün" ? 1 : 0) + random() * 2 - 1;
    rows.push({
      label: x.toFixed(3),
      MatMul: random() < 0.2 ? "" : (1e9 + random()).toFixed(4),
      "größe (cm)": (random() * 1e-6).toExponential(5),
      grade: pick(["1", "2", "3.50"]),
      colour: random() < 0.2 ? "" : colour,
      "what is it?": z < -0.5 ? 'an "odd" one' : z < 0.7 ? "ünd" : "@, too",
    });
  }
  return rows;
}

function expectNoAnswer(what, answer) {
  const good = answer.label === "" && answer.p.every(Number.isNaN);
  if (!good) ++failures;
  console.log(`${good ? "ok    " : "FAILED"} no answer for ${what}`);
}

async function main() {
  const cancer = path.join(data, "breast_cancer.csv");
  const iris = path.join(data, "iris.csv");
  const passengers = path.join(data, "passengers.csv");
  const extremes = ["1e300", "-1e300", "5e-324", "1e15"].map((number, k) => ({
    ...records(fs.readFileSync(iris, "utf8"))[k],
    petal_width: number,
  }));
  await compare("logistic", cancer, "diagnosis", ["--l2", "0.01"]);
  await compare("logistic, threshold 0.1", cancer, "diagnosis",
                ["--l2", "0.01", "--threshold", "0.1"]);
  await compare("logistic, the other positive class", cancer, "diagnosis",
                ["--l2", "0.01", "--positive", "benign"]);
  await compare("softmax", iris, "species", [], extremes);
  await compare("softmax, penalised", iris, "species", ["--l2", "0.01"], extremes);
  await compare("categories, missing cells filled and flagged", passengers, "survived",
                ["--missing", "mean+flag", "--l2", "0.01", "--categorical", "class"]);
  const odd = path.join(folder, "odd.csv");
  fs.writeFileSync(odd, csv(oddRows(200)));
  await compare("odd names, levels and classes", odd, "what is it?",
                ["--missing", "mean+flag", "--categorical", "grade", "--l2", "0.001"]);

  const activations = [
    "sigmoid", "generalized_logistic", "generalized_logistic:0.5", "tanh", "relu", "leaky_relu",
    "prelu", "elu", "elu:1.5", "hard_logistic", "hard_tanh", "softplus", "maxout", "maxout:3",
  ];
  for (const activation of activations) {
    const mlp = ["--model", "mlp", "--hidden", "8,4", "--activation", activation, "--epochs", "200"];
    await compare(`mlp, ${activation}, two classes`, cancer, "diagnosis", mlp);
    await compare(`mlp, ${activation}, three classes`, iris, "species", mlp, extremes);
  }

  const known = oddRows(1)[0];
  run("train", odd, "--target", "what is it?", "--cv", "none", "--missing", "drop", "--l2", "0.01",
      "-o", path.join(folder, "m.json"));
  const onnx = path.join(folder, "m.onnx");
  run("export", path.join(folder, "m.json"), "--to", "onnx", "-o", onnx);
  const gaps = [{ ...known, colour: "purple" }, { ...known, colour: "" }, { ...known, label: "" }];
  const refused = await answers(onnx, gaps);
  expectNoAnswer("a category that no training row had", refused[0]);
  expectNoAnswer("a missing category", refused[1]);
  expectNoAnswer("a missing number", refused[2]);
  run("export", path.join(folder, "m.json"), "--to", "onnx", "--unknown", "ignore", "-o", onnx);
  const [taken, reference] = await answers(onnx, [gaps[0], { ...known, colour: "%d" }]);
  const same = taken.label === reference.label && taken.p.every((p, k) => p === reference.p[k]);
  if (!same) ++failures;
  console.log(`${same ? "ok    " : "FAILED"} --unknown ignore takes it for the reference`);
}

main()
  .catch((error) => {
    console.error(error);
    ++failures;
  })
  .finally(() => {
    fs.rmSync(folder, { recursive: true });
    process.exitCode = failures === 0 ? 0 : 1;
  });
