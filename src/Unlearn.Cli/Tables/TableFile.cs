namespace Unlearn.Cli.Tables;

/// <summary>Reads a table from a file: Parquet or delimited text, compressed or not. What a file is, its first bytes tell, not its name.</summary>
internal static class TableFile
{
    private const int MostBytes = int.MaxValue - 64;

    /// <summary>Reads a table.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no table.</exception>
    public static async Task<RawTable> ReadAsync(string path, DelimitedOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var (bytes, compression) = Decompress(path);
            if (bytes.Length == 0)
                throw new InvalidDataException($"'{path}' is empty: name a table with a header line and rows.");
            var table = ParquetTable.IsParquet(bytes)
                ? await ParquetTable.ReadAsync(bytes, path, cancellationToken).ConfigureAwait(false)
                : DelimitedTable.Read(bytes, path, options);
            if (table.Rows.Count == 0)
                throw new InvalidDataException($"'{path}' has a header and no rows: name a table with rows.");
            return table with { Format = table.Format + compression };
        }
        catch (OutOfMemoryException)
        {
            throw new InvalidDataException($"'{path}' does not fit into memory: name a sample of its rows.");
        }
    }

    private static (byte[] Bytes, string Compression) Decompress(string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException(
                $"'{path}' is a folder without class folders of images: name a table, or a folder with train/CLASS/* or CLASS/* images.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}': name a table or a folder of images.");
        if (new FileInfo(path).Length > MostBytes)
            throw new InvalidDataException($"'{path}' is larger than 2 GB: name a sample of its rows.");
        var packed = File.ReadAllBytes(path);
        var (unpack, name) = packed switch
        {
            [0x1f, 0x8b, ..] => ((Func<byte[], byte[]>)Decompression.Gzip, ", gzip"),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => (Decompression.Zstd, ", zstd"),
            [0x50, 0x4b, 3, 4, ..] => throw new InvalidDataException($"'{path}' is a zip archive: unpack it, or compress the table by gzip, brotli or zstd."),
            _ when Path.GetExtension(path).Equals(".br", StringComparison.OrdinalIgnoreCase) => (Decompression.Brotli, ", brotli"),
            _ => (bytes => bytes, ""),
        };
        try
        {
            return (unpack(packed), name);
        }
        catch (InvalidDataException damaged)
        {
            throw new InvalidDataException($"'{path}' is damaged or cut: its {name[2..]} data cannot be unpacked. Copy it again.", damaged);
        }
    }
}
