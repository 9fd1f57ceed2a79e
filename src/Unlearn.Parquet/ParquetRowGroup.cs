namespace Unlearn.Parquet;

/// <summary>A row group of one of the files of a view.</summary>
/// <param name="File">The file.</param>
/// <param name="Number">Number of the group in the file.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="First">Number of the first row in the file.</param>
/// <param name="FirstOfView">Number of the first row in the view.</param>
internal sealed record ParquetRowGroup(ParquetSource File, int Number, int Rows, long First, long FirstOfView);
