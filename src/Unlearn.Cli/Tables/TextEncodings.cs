using System.Text;

namespace Unlearn.Cli.Tables;

/// <summary>Finds out how a file's text is encoded.</summary>
internal static class TextEncodings
{
    private const int Looked = 4096;

    /// <summary>Decodes a file.</summary>
    /// <param name="bytes">Its content.</param>
    /// <param name="path">Its name, for errors.</param>
    /// <param name="name">Name of the encoding; <see langword="null"/> to find it out.</param>
    /// <returns>The text without a byte order mark, and the encoding for people.</returns>
    /// <exception cref="InvalidDataException">It is no text.</exception>
    public static (string Text, string Encoding, string? Note) Decode(byte[] bytes, string path, string? name)
    {
        if (name is not null)
            return (Named(name).GetString(bytes).TrimStart('\ufeff'), name, null);
        switch (bytes)
        {
            case [0xef, 0xbb, 0xbf, ..]:
                return (Encoding.UTF8.GetString(bytes, 3, bytes.Length - 3), "UTF-8 with BOM", null);
            case [0xff, 0xfe, 0, 0, ..]:
                return (Encoding.UTF32.GetString(bytes, 4, bytes.Length - 4), "UTF-32", null);
            case [0xff, 0xfe, ..]:
                return (Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2), "UTF-16", null);
            case [0xfe, 0xff, ..]:
                return (Encoding.BigEndianUnicode.GetString(bytes, 2, bytes.Length - 2), "UTF-16 big-endian", null);
        }
        var start = bytes.AsSpan(0, Math.Min(bytes.Length, Looked));
        var (zeros, even) = (0, 0);
        for (var i = 0; i < start.Length; i++)
        {
            zeros += start[i] == 0 ? 1 : 0;
            even += start[i] == 0 && i % 2 == 0 ? 1 : 0;
        }
        // Most letters of a table take one of the two bytes of UTF-16.
        if (zeros > start.Length * 2 / 5 && bytes.Length % 2 == 0 && (even == 0 || even == zeros))
            return even == 0
                ? (Encoding.Unicode.GetString(bytes), "UTF-16 without BOM", null)
                : (Encoding.BigEndianUnicode.GetString(bytes), "UTF-16 big-endian without BOM", null);
        if (zeros > 0)
            throw new InvalidDataException($"'{path}' is no table: it holds zero bytes. Name a CSV, TSV or Parquet file.");
        try
        {
            return (new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), "UTF-8", null);
        }
        catch (DecoderFallbackException)
        {
            return (Encoding.Latin1.GetString(bytes), "Latin-1", "It is no valid UTF-8, so it was read as Latin-1: name another by --encoding.");
        }
    }

    private static Encoding Named(string name)
    {
        try
        {
            return Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException($"There is no encoding '{name}': take utf-8, utf-16, utf-16BE, utf-32, iso-8859-1 or us-ascii.");
        }
    }
}
