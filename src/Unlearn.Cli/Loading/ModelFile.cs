using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Cli.Models;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Tables;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;

namespace Unlearn.Cli.Loading;

/// <summary>
/// A trained model, and rows as it reads them. Of a model that ML.NET saved, the input columns are found in the table by name; an ONNX model takes the
/// columns of numbers.
/// </summary>
internal sealed class ModelFile : IDisposable
{
    public const string RowIdColumn = "UnlearnRowId";
    public const string LabelColumn = "UnlearnLabel";
    public const string FeatureColumn = "Features";
    private static readonly string[] No = ["0", "false", "no", "n", "-1"];
    private static readonly string[] Yes = ["1", "true", "yes", "y"];

    private readonly string _rows = Path.Combine(Path.GetTempPath(), $"unlearn-{Environment.ProcessId}-{Environment.TickCount64}.tsv");

    private ModelFile(MLContext context, string path, UnderstoodTable table, IReadOnlyList<int> rows)
    {
        try
        {
            Count = rows.Count;
            if (OnnxFile.Is(path))
            {
                Target = OnnxFile.Load(path, table);
                Rows = View(context, table, rows, [Numbers(FeatureColumn, Target.FeatureCount, path, table)], isBoolean: false);
                return;
            }
            var model = Load(context, path, out var schema);
            var isBoolean = table.Classes.Count == 2
                && table.Classes.All(name => No.Contains(name.ToLowerInvariant()) || Yes.Contains(name.ToLowerInvariant()));
            var view = View(context, table, rows,
                [.. schema.Where(column => !column.IsHidden).Select(column => Source(column, path, table)).OfType<InputColumn>()], isBoolean);
            Target = MLNetTarget.FromTransformer(model, view.Schema, FeatureColumn);
            Rows = MLNetTarget.TakesTransformedRows(model, view.Schema, FeatureColumn) ? model.Transform(view) : view;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ITarget Target { get; } = null!;

    /// <summary>The rows, with the columns <see cref="RowIdColumn"/>, <see cref="LabelColumn"/> and <see cref="FeatureColumn"/>.</summary>
    public IDataView Rows { get; } = null!;

    public int Count { get; }

    /// <summary>Whether a model's name is that of a file.</summary>
    public static bool IsFile(string? model) => model is not null && ModelNames.IsFile(model);

    public static async Task<ModelFile> LoadAsync(MLContext context, string model, SettingValues settings, Screen screen, CancellationToken cancellationToken)
    {
        var path = settings.Text(KnownSettings.Data)
            ?? throw new UsageException($"Which data was '{model}' trained on? Name a table: unlearn factors train.csv --model {model}.");
        var table = await TableLoader.ReadAsync(path, settings, cancellationToken).ConfigureAwait(false);
        screen.Show(table.ToConsole());
        foreach (var line in table.Notes)
            screen.Say(line);
        var rows = settings.Integer(KnownSettings.Rows) is { } count && count < table.Rows.Count ? [.. table.Rows.Take(count)] : table.Rows;
        return new(context, model, table, rows);
    }

    public void Dispose()
    {
        Target?.Dispose();
        File.Delete(_rows);
    }

    /// <summary>Loads a model that ML.NET saved.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or no such model.</exception>
    public static ITransformer Load(MLContext context, string path, out DataViewSchema schema)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model '{Path.GetFullPath(path)}': name a file that ML.NET's Model.Save wrote.");
        try
        {
            return context.Model.Load(path, out schema) is { } model && schema is not null
                ? model
                : throw new InvalidDataException("it does not say which columns it reads");
        }
        catch (Exception damaged) when (damaged is not OutOfMemoryException)
        {
            throw new InvalidDataException(
                $"'{path}' cannot be loaded as a model of ML.NET: {damaged.GetBaseException().Message.Split('\n')[0].Trim()}", damaged);
        }
    }

    // null for columns that the table lacks: a model may name some that it does not read.
    private static InputColumn? Source(DataViewSchema.Column column, string path, UnderstoodTable table)
    {
        if (column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single)
            return Numbers(column.Name, vector.Size, path, table);
        if (table.Columns.FirstOrDefault(candidate => candidate.Name == column.Name) is not { } found)
            return null;
        return column.Type switch
        {
            TextDataViewType => new(column.Name, DataKind.String, [found]),
            BooleanDataViewType => new(column.Name, DataKind.Boolean, [found]),
            NumberDataViewType { RawType: var type } when type == typeof(float) || type == typeof(double) =>
                new(column.Name, type == typeof(float) ? DataKind.Single : DataKind.Double, [found]),
            NumberDataViewType number => new(column.Name, Enum.Parse<DataKind>(number.RawType.Name), [found]),
            var other => throw new NotSupportedException($"'{path}' reads '{column.Name}' as {other}, which no table holds."),
        };
    }

    private static InputColumn Numbers(string name, int count, string path, UnderstoodTable table)
    {
        UnderstoodColumn[] numbers = [.. table.Of(ColumnKind.Number)];
        return numbers.Length == count
            ? new(name, DataKind.Single, numbers, IsVector: true)
            : throw new InvalidDataException($"'{path}' reads {count} numbers as '{name}', and '{table.Path}' has {numbers.Length} columns of "
                + "numbers: say by --column which they are.");
    }

    private IDataView View(MLContext context, UnderstoodTable table, IReadOnlyList<int> rows, List<InputColumn> columns, bool isBoolean)
    {
        Files.Write(_rows, stream => Write(stream, table, rows, columns, isBoolean));
        var view = Read(context, columns, isBoolean);
        if (isBoolean)
            return view;
        // In the order of the classes: numbers by value, which texts would not be.
        var classes = context.Data.LoadFromEnumerable(table.Classes.Select(name => new Class { Name = name }));
        return context.Transforms.Conversion.MapValueToKey(LabelColumn, keyData: classes).Fit(view).Transform(view);
    }

    private static void Write(Stream stream, UnderstoodTable table, IReadOnlyList<int> rows, List<InputColumn> columns, bool isBoolean)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        foreach (var row in rows)
        {
            var label = table.LabelOf(row);
            IEnumerable<string> cells = [table.IdOf(row), isBoolean ? Bit(label) : label, .. columns.SelectMany(
                column => column.Sources.Select(source => Cell(column.Kind, source, table.Raw.Rows[row][source.Place], table.MissingMarkers)))];
            writer.WriteLine(string.Join('\t', cells.Select(cell => $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")));
        }
    }

    private static string Cell(DataKind kind, UnderstoodColumn column, string? cell, IReadOnlyCollection<string> markers) => kind switch
    {
        DataKind.String => cell ?? "",
        DataKind.Boolean => CellTexts.IsMissing(cell, markers) ? "" : Bit(cell!),
        _ => column.Number(cell, markers)?.ToString("R", CultureInfo.InvariantCulture) ?? "",
    };

    private static string Bit(string text) => Yes.Contains(text.Trim().ToLowerInvariant()) ? "1" : "0";

    private IDataView Read(MLContext context, List<InputColumn> columns, bool isBoolean)
    {
        List<TextLoader.Column> read = [new(RowIdColumn, DataKind.String, 0), new(LabelColumn, isBoolean ? DataKind.Boolean : DataKind.String, 1)];
        var place = 2;
        foreach (var column in columns)
        {
            read.Add(new(column.Name, column.Kind, [new(place, place + column.Sources.Count - 1) { ForceVector = column.IsVector }]));
            place += column.Sources.Count;
        }
        return context.Data.LoadFromTextFile(
            _rows, new TextLoader.Options { Columns = [.. read], Separators = ['\t'], AllowQuoting = true, ReadMultilines = true, MissingRealsAsNaNs = true });
    }

    private sealed record InputColumn(string Name, DataKind Kind, IReadOnlyList<UnderstoodColumn> Sources, bool IsVector = false);

    private sealed class Class
    {
        public string Name { get; set; } = "";
    }
}
