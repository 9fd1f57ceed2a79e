using System.Globalization;
using System.Text;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;

namespace Unlearn.Cli.Tables;

/// <summary>Parquet files, each cell as text.</summary>
internal static class ParquetTable
{
    private static readonly byte[] Magic = "PAR1"u8.ToArray();

    public static bool IsParquet(byte[] bytes) => bytes.AsSpan().StartsWith(Magic);

    public static async Task<RawTable> ReadAsync(byte[] bytes, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = new MemoryStream(bytes);
            var found = await ParquetSerializer.DeserializeUntypedAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false);
            List<string> names = [.. found.Schema.Fields.Select(field => field.Name)];
            List<string> nested = [.. found.Schema.Fields.Where(field => field is not DataField { IsArray: false }).Select(field => field.Name)];
            List<string> flat = [.. names.Except(nested, StringComparer.Ordinal)];
            List<string> notes = nested.Count == 0 ? [] : [$"Lists and structures are left out: {string.Join(", ", nested)}."];
            return new(flat,
                [.. found.Data.Select(row => flat.Select(name => Text(row.TryGetValue(name, out var value) ? value : null)).ToArray())], "Parquet", notes);
        }
        catch (Exception damaged) when (damaged is not (OperationCanceledException or OutOfMemoryException))
        {
            // A damaged file ends the reader in many ways.
            throw new InvalidDataException(
                $"'{path}' is a damaged Parquet file, or one of a kind that cannot be read: {damaged.Message.Split('\n')[0]}", damaged);
        }
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
