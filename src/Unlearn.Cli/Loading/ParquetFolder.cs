using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;

namespace Unlearn.Cli.Loading;

/// <summary>
/// Factors of a trained model of ML.NET, fitted on a folder of Parquet files whose rows are never all in memory. Columns are what they are in the files.
/// </summary>
internal sealed class ParquetFolder : IDisposable
{
    private static readonly Setting[] OfTables =
    [
        KnownSettings.TextColumn, KnownSettings.Column, KnownSettings.Missing, KnownSettings.Separator, KnownSettings.Header, KnownSettings.Encoding,
        KnownSettings.Split, KnownSettings.SkipDamaged, KnownSettings.Rows, KnownSettings.TestRows, KnownSettings.ReferenceModels,
    ];

    private readonly ITarget _target;

    private ParquetFolder(ITarget target, ITransformer fitted, IReadOnlyList<IHardnessFactor> factors) =>
        (_target, Fitted, Factors) = (target, fitted, factors);

    /// <summary>From the columns of the files to row ids and factors.</summary>
    public ITransformer Fitted { get; }

    public IReadOnlyList<IHardnessFactor> Factors { get; }

    /// <summary>Whether a path is that of a folder of Parquet files.</summary>
    public static bool Is(string? path) => Directory.Exists(path) && Directory.EnumerateFiles(path, "*.parquet").Any();

    /// <exception cref="UsageException">Something is set that does not go with such a folder, or is missing.</exception>
    public static void Check(SettingValues settings)
    {
        if (!ModelFile.IsFile(settings.Text(KnownSettings.Model)) || OnnxFile.Is(settings.Text(KnownSettings.Model)!))
            throw new UsageException(
                "Which model? Factors of a folder of Parquet files are those of a trained model of ML.NET: name its .zip file by --model.");
        if (!settings.Has(KnownSettings.Label) || !settings.Has(KnownSettings.Id))
            throw new UsageException("Name the columns of the classes and of the row ids of a folder of Parquet files by --label and --id.");
        if (Array.Find(OfTables, settings.Has) is { } refused)
            throw new UsageException($"--{refused.Name} is not for a folder of Parquet files: leave it out.");
    }

    /// <summary>Fits factors. Call it on a Torch thread.</summary>
    /// <param name="context">The ML context.</param>
    /// <param name="named">The factors; none for those that the model can give.</param>
    /// <param name="settings">What is set, and was checked.</param>
    /// <param name="storeFolder">Folder of temporary files while factors are fitted.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="InvalidDataException">The model does not read these files.</exception>
    public static ParquetFolder Fit(
        MLContext context, IReadOnlyList<IHardnessFactor> named, SettingValues settings, string storeFolder, CancellationToken cancellationToken)
    {
        var (folder, path) = (settings.Text(KnownSettings.Data)!, settings.Text(KnownSettings.Model)!);
        var (label, id) = (settings.Text(KnownSettings.Label)!, settings.Text(KnownSettings.Id)!);
        var view = context.Data.LoadFromParquet(folder);
        foreach (var name in new[] { label, id })
            if (view.Schema.GetColumnOrNull(name) is null)
                throw new InvalidDataException(
                    $"The files of '{folder}' have no column '{name}'. Their columns are: {string.Join(", ", view.Schema.Select(column => column.Name))}.");
        var model = ModelFile.Load(context, path, out var read);
        List<ITransformer> steps = [];
        // Numbers by value, texts by letters, as of a table.
        Add(view.Schema[label].Type is BooleanDataViewType
            ? context.Transforms.CopyColumns(ModelFile.LabelColumn, label)
            : context.Transforms.Conversion.MapValueToKey(ModelFile.LabelColumn, label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue));
        foreach (var column in read.Where(column => !column.IsHidden))
            if (NumberOf(column.Type) is { } kind && NumberOf(view.Schema.GetColumnOrNull(column.Name)?.Type) is { } found && found != kind)
                Add(context.Transforms.Conversion.ConvertType(column.Name, outputKind: kind));
        ITarget? target = null;
        try
        {
            target = MLNetTarget.FromTransformer(model, view.Schema, ModelFile.FeatureColumn);
            if (MLNetTarget.TakesTransformedRows(model, view.Schema, ModelFile.FeatureColumn))
                Append(model);
            IHardnessFactor[] factors = [.. named.Count > 0 ? named : HardnessFactors.DefaultFor(target)];
            var options = new UnlearnFactorsEstimator.Options
            {
                Target = target,
                Factors = factors,
                FeatureColumnName = ModelFile.FeatureColumn,
                LabelColumnName = ModelFile.LabelColumn,
                RowIdColumnName = id,
                Seed = settings.Integer(KnownSettings.Seed) ?? 1,
                StoreFolder = storeFolder,
                CancellationToken = cancellationToken,
            };
            Add(context.Transforms.UnlearnFactors(options));
            Add(context.Transforms.SelectColumns(id, options.OutputColumnName));
            return new(target, new TransformerChain<ITransformer>([.. steps]), factors);
        }
        catch (Exception failure)
        {
            target?.Dispose();
            if (failure is ArgumentOutOfRangeException)
                throw new InvalidDataException($"'{path}' does not read the files of '{folder}': {failure.Message.Split('\n')[0]}", failure);
            throw;
        }

        void Add(IEstimator<ITransformer> step) => Append(step.Fit(view));

        void Append(ITransformer step)
        {
            steps.Add(step);
            view = step.Transform(view);
        }
    }

    public void Dispose()
    {
        (Fitted as IDisposable)?.Dispose();
        _target.Dispose();
    }

    private static DataKind? NumberOf(DataViewType? type) => ((type as VectorDataViewType)?.ItemType ?? type) switch
    {
        BooleanDataViewType => DataKind.Boolean,
        NumberDataViewType number => Enum.Parse<DataKind>(number.RawType.Name),
        _ => null,
    };
}
