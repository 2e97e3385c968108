/** Several named models behind one {@link ai.falaj.runtime.ModelRuntime}. */
package ai.falaj.runtime.catalog;
