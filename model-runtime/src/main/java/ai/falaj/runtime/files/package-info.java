/**
 * What downloading and installing share: the cache folder, locks between processes, checksums and
 * child processes.
 */
package ai.falaj.runtime.files;
