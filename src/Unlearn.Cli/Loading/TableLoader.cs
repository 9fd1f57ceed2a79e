using Unlearn.Cli.Models;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Tables;
using Unlearn.Cli.Terminal;
using Unlearn.Cli.Texts;
using Unlearn.Transforms;

namespace Unlearn.Cli.Loading;

/// <summary>Reads a table, says what was understood, and makes rows of it that a model takes.</summary>
internal static class TableLoader
{
    private const int Vocabulary = 5000;
    private const int Tokens = 200;
    private const int TransformerTokens = 64;

    public static async Task<LoadedData> LoadAsync(string path, SettingValues settings, Screen screen, CancellationToken cancellationToken)
    {
        var table = await ReadAsync(path, settings, cancellationToken).ConfigureAwait(false);
        var model = Model(table, settings);
        var text = model.ReadsWords ? TextColumn(table, settings, model) : null;
        var seed = settings.Integer(KnownSettings.Seed) ?? 1;
        var (training, test, note) = RowDraw.Draw(table, settings, seed);
        List<string> notes = [.. table.Notes];
        if (note is not null)
            notes.Add(note);
        if (text is not null
            && table.Columns.Any(column => column != text && column.Kind is ColumnKind.Number or ColumnKind.Category or ColumnKind.Text && column != text))
            notes.Add($"The model {model.Name} reads '{text.Name}' alone: --model {ModelNames.OfTables} reads all columns.");
        table = table with { Notes = notes };
        screen.Show(table.ToConsole());
        foreach (var line in table.Notes)
            screen.Say(line);
        screen.Say("");

        string[] classes = [.. table.Classes.Intersect(training.Select(table.LabelOf), StringComparer.Ordinal)];
        var labels = classes.Index().ToDictionary(of => of.Item, of => (uint)of.Index, StringComparer.Ordinal);
        var (input, encode) = text is null ? Features(table, training, classes.Length) : Words(table, text, training, classes.Length, settings, model);
        var recipe = model.Recipe(input, ModelOf(settings));
        var rows = new StudyData($"{Name(path)}, {model.Name}, {training.Length} rows", ToRows(training), ToRows(test), classes);
        return new(rows, model, input, recipe, table);

        TrainingRows ToRows(IEnumerable<int> places) => LabeledRow.ToTrainingRows(
            places.Select(row => new LabeledRow { RowId = table.IdOf(row), Features = encode(table.Raw.Rows[row]), Label = labels[table.LabelOf(row)] }),
            input.Features, input.Classes);
    }

    /// <summary>Reads a table and understands it.</summary>
    public static async Task<UnderstoodTable> ReadAsync(string path, SettingValues settings, CancellationToken cancellationToken) =>
        Understand(path, await TableFile.ReadAsync(path, Delimited(settings), cancellationToken).ConfigureAwait(false), settings);

    /// <summary>A model's settings.</summary>
    public static ModelSettings ModelOf(SettingValues settings) => new(
        settings.Integer(KnownSettings.Epochs),
        settings.Has(KnownSettings.Hidden) ? [.. settings.List(KnownSettings.Hidden).Select(Width)] : null,
        settings.Integer(KnownSettings.Width),
        settings.Integer(KnownSettings.BatchSize),
        settings.Number(KnownSettings.LearningRate),
        DeviceOf(settings.Text(KnownSettings.Device)),
        TrialCounts.Stack(settings.Size, settings.Integer(KnownSettings.Trials)));

    // A device that is not there is told of before anything is trained.
    private static TorchDevice? DeviceOf(string? text)
    {
        try
        {
            TorchDevice? device = text is null ? null : TorchDevice.Parse(text);
            device?.Resolve();
            return device;
        }
        catch (Exception cause) when (cause is FormatException or InvalidOperationException)
        {
            throw new UsageException($"--{KnownSettings.Device.Name} {text}: {cause.Message}");
        }
    }

    /// <summary>Name of a file without what tells its format.</summary>
    public static string Name(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return name.IndexOf('.', StringComparison.Ordinal) is > 0 and var end && !Directory.Exists(path) ? name[..end] : name;
    }

    private static int Width(string text) => int.TryParse(text, out var width) && width is > 0 and <= 65536
        ? width
        : throw new UsageException($"--hidden takes whole numbers from 1, separated by commas, not '{text}'.");

    private static UnderstoodTable Understand(string path, RawTable raw, SettingValues settings) => TableReader.Understand(path, raw, new()
    {
        Label = settings.Text(KnownSettings.Label),
        Id = settings.Text(KnownSettings.Id),
        Split = settings.Text(KnownSettings.Split),
        Missing = settings.List(KnownSettings.Missing),
        Kinds = Kinds(settings),
    });

    private static Dictionary<string, ColumnKind> Kinds(SettingValues settings)
    {
        Dictionary<string, ColumnKind> kinds = new(StringComparer.Ordinal);
        foreach (var pair in settings.List(KnownSettings.Column))
        {
            var end = pair.LastIndexOf('=');
            if (end <= 0
                || !Enum.TryParse<ColumnKind>(pair[(end + 1)..], ignoreCase: true, out var kind)
                || kind > ColumnKind.Ignored
                || char.IsDigit(pair[end + 1]))
                throw new UsageException($"--column takes NAME=number, category, text or ignored, not '{pair}'.");
            kinds[pair[..end]] = kind;
        }
        if (settings.Text(KnownSettings.TextColumn) is { } text)
            kinds[text] = ColumnKind.Text;
        return kinds;
    }

    private static DelimitedOptions Delimited(SettingValues settings) => new(
        settings.Text(KnownSettings.Separator) switch
        {
            null => null,
            "tab" or "\\t" => '\t',
            [var letter] and not ("\"" or "\n" or "\r") => letter,
            var other => throw new UsageException($"--separator takes one letter, or tab, not '{other}'."),
        },
        settings.Text(KnownSettings.Header) is { } header ? header.Equals("yes", StringComparison.OrdinalIgnoreCase) : null,
        settings.Text(KnownSettings.Encoding));

    private static NamedModel Model(UnderstoodTable table, SettingValues settings)
    {
        var areTextsAll = table.Of(ColumnKind.Text).Any() && !table.Columns.Any(column => column.Kind is ColumnKind.Number or ColumnKind.Category);
        var model = ModelNames.Find(settings.Text(KnownSettings.Model)
            ?? (areTextsAll || settings.Has(KnownSettings.TextColumn) ? ModelNames.OfTexts : ModelNames.OfTables));
        return model.ReadsImages ? throw new UsageException($"--model {model.Name} reads images, and '{table.Path}' is a table: "
            + $"take --model {ModelNames.OfTables}, or name a folder of images.") : model;
    }

    private static UnderstoodColumn TextColumn(UnderstoodTable table, SettingValues settings, NamedModel model)
    {
        if (settings.Text(KnownSettings.TextColumn) is { } name)
            return table.Columns.First(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return table.Of(ColumnKind.Text).MaxBy(column => table.Raw.Rows.Take(1000).Sum(row => row[column.Place]?.Length ?? 0))
            ?? throw new InvalidDataException(
                $"--model {model.Name} reads a column of texts, and '{table.Path}' has none: name one by --text, or take --model {ModelNames.OfTables}.");
    }

    private static (ModelInput Input, Func<string?[], float[]> Encode) Features(UnderstoodTable table, int[] training, int classes)
    {
        var encoder = new TableEncoder(table, training);
        return (new(encoder.FeatureCount, classes), encoder.Encode);
    }

    private static (ModelInput Input, Func<string?[], float[]> Encode) Words(
        UnderstoodTable table, UnderstoodColumn text, int[] training, int classes, SettingValues settings, NamedModel model)
    {
        var words =
            Texts.Vocabulary.Of(training.Select(row => table.Raw.Rows[row][text.Place] ?? ""), settings.Integer(KnownSettings.VocabularySize) ?? Vocabulary);
        var tokens = settings.Integer(KnownSettings.Tokens) ?? (model is TransformerModel ? TransformerTokens : Tokens);
        return (new(tokens, classes, Vocabulary: words.Size), row => words.Encode(row[text.Place] ?? "", tokens));
    }
}
