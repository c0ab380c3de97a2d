#!/usr/bin/env node
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../src/cli.js';
import { fileStore } from '../src/store.js';

const file = process.env.TODO_FILE ?? join(homedir(), 'todo.json');
const { code, output, error } = run(process.argv.slice(2), fileStore(file));
if (output) console.log(output);
if (error) console.error(error);
process.exitCode = code;
