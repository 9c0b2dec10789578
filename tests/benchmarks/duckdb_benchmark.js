// Times DuckDB's reader, two threads, on a CSV file of numbers: once where it finds out the dialect
// and the types of the columns itself, as ours does, and once where it is given them.
//   node duckdb_benchmark.js FILE REPETITIONS       NODE_PATH leads to @duckdb/node-api
// Prints what Google Benchmark would, two runs per repetition.
const fs = require('node:fs');
const { DuckDBInstance } = require('@duckdb/node-api');

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

function firstLine(file) {
  const start = Buffer.alloc(1 << 16);
  const descriptor = fs.openSync(file);
  const size = fs.readSync(descriptor, start);
  fs.closeSync(descriptor);
  return start.subarray(0, size).toString().split('\n')[0];
}

async function read(connection, name, source, columns) {
  const begin = process.hrtime.bigint();
  await connection.run(`CREATE OR REPLACE TABLE t AS SELECT * FROM read_csv(${source})`);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const squares = columns.map((column) => `sum(${column} * ${column})`).join(' + ');
  const answer = await connection.runAndReadAll(`SELECT (${squares})::DOUBLE FROM t`);
  return {
    run_name: `duckdb/csv/${name}`,
    run_type: 'iteration',
    real_time: seconds,
    time_unit: 's',
    result: answer.getRows()[0][0],
  };
}

async function main(file, repetitions) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const version = (await connection.runAndReadAll('SELECT version()')).getRows()[0][0];
  const columns = firstLine(file).split(',');
  const types = columns.map((column) => `'${column}': 'DOUBLE'`).join(', ');
  const given = `${quoted(file)}, auto_detect = false, header = true, delim = ',', quote = '"', columns = {${types}}`;
  const runs = [];
  for (let i = 0; i < repetitions; ++i) {
    runs.push(await read(connection, 'found', quoted(file), columns));
    runs.push(await read(connection, 'given', given, columns));
  }
  console.log(JSON.stringify({ context: { duckdb: version }, benchmarks: runs }));
}

main(process.argv[2], Number(process.argv[3])).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
