using System.IO.Compression;
using ZstdSharp;

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
        var (bytes, compression) = Decompress(path);
        if (bytes.Length == 0)
            throw new InvalidDataException($"'{path}' is empty: name a table with a header line and rows.");
        try
        {
            var table = ParquetTable.IsParquet(bytes) ? await ParquetTable.ReadAsync(bytes, path, cancellationToken).ConfigureAwait(false) : DelimitedTable.Read(bytes, path, options);
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
            throw new InvalidDataException($"'{path}' is a folder without class folders of images: name a table, or a folder with train/CLASS/* or CLASS/* images.");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}': name a table or a folder of images.");
        using var file = File.OpenRead(path);
        var start = new byte[4];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        var (stream, name) = start switch
        {
            [0x1f, 0x8b, ..] => ((Stream)new GZipStream(file, CompressionMode.Decompress), "gzip"),
            [0x28, 0xb5, 0x2f, 0xfd] => (new DecompressionStream(file), "zstd"),
            [0x50, 0x4b, 3, 4] => throw new InvalidDataException($"'{path}' is a zip archive: unpack it, or compress the table by gzip, brotli or zstd."),
            _ when Path.GetExtension(path).Equals(".br", StringComparison.OrdinalIgnoreCase) => (new BrotliStream(file, CompressionMode.Decompress), "brotli"),
            _ => (file, ""),
        };
        using (stream)
        {
            try
            {
                using var bytes = new MemoryStream(read < start.Length ? 0 : (int)Math.Min(file.Length, MostBytes));
                var buffer = new byte[1 << 16];
                for (int count; (count = stream.Read(buffer)) > 0;)
                {
                    if (bytes.Length + count > MostBytes)
                        throw new InvalidDataException($"'{path}' holds more than 2 GB: name a sample of its rows.");
                    bytes.Write(buffer, 0, count);
                }
                return (bytes.ToArray(), name.Length == 0 ? "" : $", {name}");
            }
            catch (Exception damaged) when (name.Length > 0 && (damaged is ZstdException or InvalidOperationException or EndOfStreamException || damaged is InvalidDataException && !damaged.Message.StartsWith('\'')))
            {
                throw new InvalidDataException($"'{path}' is damaged: its {name} data cannot be unpacked.", damaged);
            }
        }
    }
}
