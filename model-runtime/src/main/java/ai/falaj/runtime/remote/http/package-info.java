/**
 * Server-sent events over HTTP without a thread per stream: the JDK's client pushes bytes, which
 * are handed to the owner of the stream and parsed there.
 */
package ai.falaj.runtime.remote.http;
