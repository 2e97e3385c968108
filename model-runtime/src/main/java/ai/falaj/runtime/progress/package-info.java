/** How long-running preparations tell what they are doing. */
package ai.falaj.runtime.progress;
