using Unlearn.Parquet;

namespace Unlearn.Distributed.Parts;

/// <summary>A Parquet file, or consecutive row groups of it, that become a file.</summary>
/// <param name="Name">Name of the file of the transformed rows.</param>
/// <param name="File">Name of the file of the rows.</param>
/// <param name="Slice">The row groups.</param>
/// <param name="Hash">SHA-256 of the row groups and of the file's footer.</param>
/// <param name="Key">SHA-256 of all that decides what its transformed rows are: name, content, model and versions of the packages.</param>
internal sealed record ParquetPart(string Name, string File, ParquetSlice Slice, string Hash, string Key);
