using Unlearn.Parquet;

namespace Microsoft.ML;

/// <summary>Adds Parquet files to ML.NET's catalog of data operations.</summary>
public static class ParquetCatalog
{
    /// <summary>
    /// A Parquet file, or all files <c>*.parquet</c> of a folder in the order of their names, as a data view. Only the columns that a cursor asks for are
    /// read, one row group at a time; several cursors share the row groups.
    /// Numbers, bools and texts are columns of the same type, lists of them are vectors. Missing floats and doubles are NaN, missing texts are empty.
    /// </summary>
    /// <param name="catalog">The catalog of data operations.</param>
    /// <param name="path">Path of the file, or of the folder. The files must stay as they are while the view is in use.</param>
    /// <param name="columns">Names of the columns; none for all that ML.NET has a type for.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or the folder has none.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged or cut, a column has a type that ML.NET lacks, lists of a column differ in length, or files of a folder differ in their columns.
    /// While rows are read, also: a file has changed, or a value is missing whose type knows no missing values.
    /// </exception>
    /// <exception cref="ArgumentException">The file lacks a column.</exception>
    public static IDataView LoadFromParquet(this DataOperationsCatalog catalog, string path, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(columns);
        return new ParquetDataView(ParquetFiles.Open(path, columns));
    }

    /// <summary>
    /// Saves a data view as a Parquet file, row group by row group. Vectors become lists, keys their values (or their numbers from 1, and 0 where missing,
    /// if keys have no values). The file appears under its name when it is complete.
    /// </summary>
    /// <param name="catalog">The catalog of data operations.</param>
    /// <param name="data">The data.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="rowsPerGroup">Rows of a row group, from 1, which are held in memory; 0 chooses by the width of the rows.</param>
    /// <exception cref="ArgumentException">A column has a type that cannot be saved, or no column is left.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rowsPerGroup"/> is negative.</exception>
    public static void SaveAsParquet(this DataOperationsCatalog catalog, IDataView data, string path, int rowsPerGroup = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var saver = new ParquetSaver(data, rowsPerGroup);
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            {
                saver.Save(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Saves a data view to a stream in the format of Parquet, row group by row group.</summary>
    /// <param name="catalog">The catalog of data operations.</param>
    /// <param name="data">The data.</param>
    /// <param name="stream">A stream that can be written. It stays open.</param>
    /// <exception cref="ArgumentException">A column has a type that cannot be saved, or no column is left.</exception>
    public static void SaveAsParquet(this DataOperationsCatalog catalog, IDataView data, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(stream);
        new ParquetSaver(data, rowsPerGroup: 0).Save(stream);
    }
}
