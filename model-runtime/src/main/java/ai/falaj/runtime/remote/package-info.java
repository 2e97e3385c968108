/**
 * Models behind HTTP, under the same API as the one in this process.
 *
 * <p>A {@link ai.falaj.runtime.remote.RemoteSpec} names an endpoint, mostly by a {@link
 * ai.falaj.runtime.remote.RemotePreset}; the {@link ai.falaj.runtime.remote.RemoteRuntime} that it
 * opens is shared by all slots of a TaskManager, and so are its connections, its rate limits and
 * what it has learned of the server. A {@link ai.falaj.runtime.remote.FallbackSpec} puts several
 * runtimes in a line, where the next one serves what the one before cannot.
 *
 * <p>One thread, {@code falaj-remote-<model>}, owns everything of a runtime: the queue, the limits,
 * every generation and its streams. The packages below hold what it owns: {@code http} (bytes and
 * events), {@code protocol} (what they mean) and {@code limits} (how much may be asked).
 */
package ai.falaj.runtime.remote;
