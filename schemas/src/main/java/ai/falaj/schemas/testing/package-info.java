/** Hand-written fakes for tests of whatever uses a schema registry. */
package ai.falaj.schemas.testing;
