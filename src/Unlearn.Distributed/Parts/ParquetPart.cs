namespace Unlearn.Distributed.Parts;

/// <summary>A Parquet file that is transformed as a whole.</summary>
/// <param name="Name">Name of the file, which is that of the transformed one, too.</param>
/// <param name="Hash">SHA-256 of the file.</param>
/// <param name="Key">SHA-256 of all that decides what its transformed rows are: name, content, model and versions of the packages.</param>
internal sealed record ParquetPart(string Name, string Hash, string Key);
