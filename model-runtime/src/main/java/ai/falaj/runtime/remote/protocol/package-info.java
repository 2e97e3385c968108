/**
 * What requests and answers look like on the wire, server by server. Stateless writers, and
 * decoders that are confined to the thread of their stream.
 */
package ai.falaj.runtime.remote.protocol;
