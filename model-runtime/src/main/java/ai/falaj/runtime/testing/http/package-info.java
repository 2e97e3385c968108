/** A small HTTP server that answers from scripts: for tests of remote models and for benchmarks. */
package ai.falaj.runtime.testing.http;
