package ai.falaj.operators.sql;

import java.io.Serializable;
import org.apache.flink.table.types.logical.LogicalType;

/**
 * A column that a row brings.
 *
 * @param index in the input row
 */
record InputColumn(String name, LogicalType type, int index) implements Serializable {}
