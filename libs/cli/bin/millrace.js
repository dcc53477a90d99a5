#!/usr/bin/env node
// Committed, so that npm can link the command in a checkout that is not built yet.
import '../dist/main.js';
