using Parquet;
using Parquet.Schema;

namespace Unlearn.Parquet;

/// <summary>A Parquet file whose footer was read and checked, and the columns that were asked for.</summary>
internal sealed class ParquetSource
{
    private const string Names = "columns";

    private readonly long _length;
    private readonly DateTime _written;

    private ParquetSource(string path, long length, DateTime written, IReadOnlyList<ParquetColumn> columns, ParquetLayout layout) =>
        (Path, _length, _written, Columns, Layout) = (path, length, written, columns, layout);

    public string Path { get; }

    public IReadOnlyList<ParquetColumn> Columns { get; }

    /// <summary>Its row groups.</summary>
    public ParquetLayout Layout { get; }

    /// <summary>Reads the footer of a file, and checks that all that it tells of the columns can be there.</summary>
    public static ParquetSource Open(string path, string[] columns)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        var (length, written) = (file.Length, file.LastWriteTimeUtc);
        return Waiting.For(() => WholeAsync(path, async () =>
        {
            var footer = FooterCheck.Require(path);
            var reader = await ParquetReader.CreateAsync(path).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var groups = Enumerable.Range(0, reader.RowGroupCount).Select(reader.OpenRowGroupReader).ToList();
                if (groups.FindIndex(group => group.RowCount is < 0 or > int.MaxValue) is >= 0 and var damaged)
                    throw new InvalidDataException($"'{path}' is damaged: row group {damaged} claims {groups[damaged].RowCount} rows. Write the file anew.");
                var fields = Fields(path, reader.Schema, columns);
                List<ParquetColumn> found = [.. fields.Select(field => Column(path, length, reader.Schema, field, groups))];
                return new ParquetSource(path, length, written, found, ParquetLayout.Of(groups, [.. fields.Select(field => Value(field)!)], footer));
            }
        }));
    }

    /// <summary>What a file's footer says beside the schema.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no Parquet file, or was cut.</exception>
    public static IReadOnlyDictionary<string, string> Metadata(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        return Waiting.For(() => WholeAsync(path, async () =>
        {
            FooterCheck.Require(path);
            var reader = await ParquetReader.CreateAsync(path).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
                return new Dictionary<string, string>(reader.CustomMetadata, StringComparer.Ordinal);
        }));
    }

    /// <summary>A reader of its own for a cursor.</summary>
    /// <exception cref="InvalidDataException">The file is not the one that was opened.</exception>
    public async Task<ParquetReader> ReaderAsync()
    {
        var file = new FileInfo(Path);
        if (!file.Exists || file.Length != _length || file.LastWriteTimeUtc != _written)
            throw new InvalidDataException($"'{Path}' has changed since it was loaded, or is gone: load it again.");
        return await WholeAsync(Path, () => ParquetReader.CreateAsync(Path)).ConfigureAwait(false);
    }

    // A damaged footer ends the reader in many ways.
    private static async Task<T> WholeAsync<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception damaged) when (
            damaged is not (OutOfMemoryException or UnauthorizedAccessException or InvalidDataException or ArgumentException { ParamName: Names }))
        {
            throw new InvalidDataException($"'{path}' is no Parquet file, was cut, or is of a kind that cannot be read: "
                + $"{damaged.Message.Split('\n')[0].TrimEnd('.')}. Write or copy it anew.", damaged);
        }
    }

    private static List<Field> Fields(string path, ParquetSchema schema, string[] names)
    {
        if (schema.Fields.GroupBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } repeated)
            throw new InvalidDataException($"'{path}' has {repeated.Count()} columns named '{repeated.Key}': rename them where the file is written.");
        var all = string.Join(", ", schema.Fields.Select(field => field.Name));
        if (names.Length == 0)
            return schema.Fields.Where(field => Value(field) is not null).ToList() is { Count: > 0 } known
                ? known
                : throw new InvalidDataException($"'{path}' has no column of numbers, bools, texts, or lists of them. Its columns are: {all}.");
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Column '{twice.Key}' is named twice.", Names);
        return
        [
            .. names.Select(name => schema.Fields.FirstOrDefault(field => field.Name == name) is not { } found
                ? throw new ArgumentException($"'{path}' has no column '{name}'. Its columns are: {all}.", Names)
                : Value(found) is not null
                    ? found
                    : throw new InvalidDataException($"Column '{name}' of '{path}' is {Describe(found)}, for which ML.NET has no type: "
                        + "load numbers, bools, texts, or lists of them, or write the column as one of these.")),
        ];
    }

    // The values of a column, or of its lists.
    private static DataField? Value(Field field)
    {
        var value = field as DataField ?? (field as ListField)?.Item as DataField;
        return value is not null && value.MaxRepetitionLevel <= 1 && ColumnKind.Of(value.ClrType) is not null ? value : null;
    }

    private static string Describe(Field field) => field is DataField value ? value.ClrType.Name : $"a {field.SchemaType}";

    private static ParquetColumn Column(string path, long length, ParquetSchema schema, Field field, List<ParquetRowGroupReader> groups)
    {
        var value = Value(field)!;
        var isVector = value.MaxRepetitionLevel == 1;
        var size = isVector ? 0 : 1;
        for (var group = 0; group < groups.Count; group++)
        {
            var rows = groups[group].RowCount;
            if (rows == 0)
                continue;
            var chunk = groups[group].GetMetadata(value)?.MetaData;
            var start = chunk is null ? 0 : ParquetLayout.StartOf(chunk);
            if (chunk is null || start < 4 || chunk.TotalCompressedSize < 0 || chunk.TotalCompressedSize > length - start || chunk.NumValues < 0
                || !isVector && chunk.NumValues != rows)
                throw new InvalidDataException($"'{path}' is damaged: column '{field.Name}' is not whole in row group {group}. Write or copy the file anew.");
            if (!isVector)
                continue;
            if (chunk.NumValues % rows != 0 || chunk.NumValues / rows is < 1 or > int.MaxValue || size > 0 && chunk.NumValues != size * rows)
                throw new InvalidDataException($"Lists of column '{field.Name}' of '{path}' differ in length: row group {group} has {chunk.NumValues} values "
                    + $"in {rows} rows{(size > 0 ? $", those before it have {size} a row" : "")}. "
                    + "Write lists of one length, or name the columns to load without it.");
            size = (int)(chunk.NumValues / rows);
        }
        return new(field.Name, Array.IndexOf(schema.DataFields, value), ColumnKind.Of(value.ClrType)!, isVector, size);
    }
}
