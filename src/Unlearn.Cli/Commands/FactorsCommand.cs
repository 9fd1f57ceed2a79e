using System.CommandLine;
using System.Text.Json;
using Microsoft.ML;
using Spectre.Console;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Terminal;
using Unlearn.Distributed;
using Unlearn.MLNet;
using Unlearn.MLNet.GroundTruth;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;
using Padding = Spectre.Console.Padding;

namespace Unlearn.Cli.Commands;

/// <summary><c>unlearn factors</c>: trains a model and computes the factors of its rows. Nothing is unlearned.</summary>
internal sealed class FactorsCommand(CommonOptions common, Screen screen) : ToolCommand(common, screen)
{
    private const string FileName = "factors.csv";
    private const int Batch = 256;

    protected override string Name => "factors";

    protected override string Description => "Trains a model, or loads one, and writes the hardness factors of its training rows. Nothing is unlearned.";

    protected override IReadOnlyList<Setting> Settings =>
        [.. KnownSettings.OfData, .. KnownSettings.OfModels, .. KnownSettings.OfFactors, KnownSettings.Cluster, .. KnownSettings.OfRuns];

    protected override async Task<int> RunAsync(SettingValues settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        StudyPlanning.Check(settings);
        var named = settings.List(KnownSettings.Factors).Select(HardnessFactors.Find).ToList();
        TorchRuntime.KeepFreedMemory();
        if (ParquetFolder.Is(settings.Text(KnownSettings.Data)))
            return await OfFolderAsync(named, settings, cancellationToken).ConfigureAwait(false);
        if (settings.Has(KnownSettings.Cluster))
            throw new UsageException("--cluster of 'factors' is for a folder of Parquet files: leave it out, or name such a folder.");
        if (settings.Text(KnownSettings.Model) is { } file && ModelFile.IsFile(file))
            return await OfFileAsync(file, named, settings, cancellationToken).ConfigureAwait(false);
        if ((settings.Integer(KnownSettings.ReferenceModels) ?? 0) == 0 && named.Find(factor => factor.Tier == FactorTier.T3) is { } referring)
            throw new UsageException($"The factor {referring.Name} needs --reference-models, at least 4.");
        using var data = await DataLoader.LoadAsync(settings, Screen, cancellationToken).ConfigureAwait(false);
        var (computed, train, test) = await ConsoleProgress
            .RunAsync(Screen, progress => TorchThreads.RunAsync("unlearn", () => Compute(data, named, settings, progress, cancellationToken)))
            .ConfigureAwait(false);
        Write(computed, StudyPlanning.Output(settings, data, "-factors"), (train, test));
        return ExitCodes.Success;
    }

    private static (ComputedFactors Factors, double Train, double Test) Compute(
        LoadedData data, List<IHardnessFactor> named, SettingValues settings, IProgress<StudyProgress> progress, CancellationToken cancellationToken)
    {
        var (rows, seed, count) = (data.Rows.Rows, Seed(settings), settings.Integer(KnownSettings.ReferenceModels) ?? 0);
        var steps = new FactorProgress(progress, count);
        var references = count == 0 ? null : ReferenceModels.Train(
            data.Recipe, rows, seed, count, workers: settings.Integer(KnownSettings.Workers), progress: steps, cancellationToken: cancellationToken);
        var chosen = named.Count > 0 ? named : data.Model.Factors(data.Input);
        using var target = Train(data.Recipe, rows, seed, chosen?.Any(factor => factor.NeedsGradientTrace) == true, progress, cancellationToken);
        IHardnessFactor[] factors =
        [
            .. chosen ?? HardnessFactors.DefaultFor(target),
            .. HardnessFactors.All.Where(factor => named.Count == 0 && references is not null && factor.Tier == FactorTier.T3),
        ];
        var accuracies = (Accuracy.Of(target, rows), Accuracy.Of(target, data.Rows.TestRows));
        var context = new MLContext(seed);
        var computed = ComputedFactors.Compute(context, rows.ToDataView(context), "RowId", steps, new()
        {
            Target = target,
            Factors = factors,
            References = references,
            BatchSize = Batch,
            Seed = seed,
            CancellationToken = cancellationToken,
        });
        return (computed, accuracies.Item1, accuracies.Item2);
    }

    private async Task<int> OfFileAsync(string file, List<IHardnessFactor> named, SettingValues settings, CancellationToken cancellationToken)
    {
        var context = new MLContext(Seed(settings));
        using var model = await ModelFile.LoadAsync(context, file, settings, Screen, cancellationToken).ConfigureAwait(false);
        var computed = await ConsoleProgress.RunAsync(Screen, progress => TorchThreads.RunAsync("unlearn", () => ComputedFactors.Compute(
            context, model.Rows, ModelFile.RowIdColumn, new FactorProgress(progress, references: 0), new()
            {
                Target = model.Target,
                Factors = [.. named.Count > 0 ? named : HardnessFactors.DefaultFor(model.Target)],
                FeatureColumnName = ModelFile.FeatureColumn,
                LabelColumnName = ModelFile.LabelColumn,
                RowIdColumnName = ModelFile.RowIdColumn,
                BatchSize = Batch,
                Seed = Seed(settings),
                CancellationToken = cancellationToken,
            }))).ConfigureAwait(false);
        Write(computed, settings.Text(KnownSettings.Output) ?? $"{Path.GetFileNameWithoutExtension(file)}-factors-out", accuracies: null);
        return ExitCodes.Success;
    }

    // The rows are never in memory, nor are their factors: what is written are Parquet files.
    private async Task<int> OfFolderAsync(List<IHardnessFactor> named, SettingValues settings, CancellationToken cancellationToken)
    {
        ParquetFolder.Check(settings);
        var options = new ParquetTransformOptions
        {
            Workers = settings.Integer(KnownSettings.Workers) ?? Environment.ProcessorCount,
            Cluster = ClusterOf.OfParts(settings),
        };
        var output = settings.Text(KnownSettings.Output) ?? $"{Path.GetFileNameWithoutExtension(settings.Text(KnownSettings.Model))}-factors-out";
        Directory.CreateDirectory(output);
        var context = new MLContext(Seed(settings));
        var (factors, rows) = await ConsoleProgress.RunAsync(Screen, async progress =>
        {
            new FactorProgress(progress, references: 0).Report("fitting");
            using var folder = await TorchThreads
                .RunAsync("unlearn", () => ParquetFolder.Fit(context, named, settings, output, cancellationToken)).ConfigureAwait(false);
            Kept = $"'{output}'";
            var written = await context.Data
                .TransformParquetAsync(folder.Fitted, settings.Text(KnownSettings.Data)!, output, options, new PartProgress(progress), cancellationToken)
                .ConfigureAwait(false);
            return (folder.Factors, written.GetRowCount());
        }).ConfigureAwait(false);
        var listed = factors.Select((factor, at) => new { Place = at, factor.Name, Tier = factor.Tier.ToString(), factor.Family }).ToList();
        Files.Write(Path.Combine(output, "factors.json"), stream => JsonSerializer.Serialize(stream, listed, JsonSerializerOptions.Web));
        var table = PlainTable.Create("Hardness factors", "place", "factor", "tier", "family");
        foreach (var factor in listed)
            table.AddRow(Invariant($"{factor.Place}"), factor.Name, factor.Tier, factor.Family);
        Screen.Show(table);
        Screen.Result($"Factors of {rows} rows: {Path.GetFullPath(output)}");
        Screen.Json(new { Folder = Path.GetFullPath(output), Rows = rows, Factors = listed });
        return ExitCodes.Success;
    }

    private static int Seed(SettingValues settings) => settings.Integer(KnownSettings.Seed) ?? 1;

    // Gradient traces cost as much again as the training, and some factors need one.
    private static ITarget Train(
        ITrainingRecipe recipe, TrainingRows rows, int seed, bool hasGradientTrace, IProgress<StudyProgress> progress, CancellationToken cancellationToken)
    {
        int[] all = [.. Enumerable.Range(0, rows.Count)];
        var epochs = new EpochProgress(progress);
        return hasGradientTrace && recipe is TorchRecipe torch
            ? torch.TrainWithGradientTrace(rows, all, seed, progress: epochs, cancellationToken: cancellationToken)
            : recipe.Train(rows, all, seed, epochs, cancellationToken);
    }

    private void Write(ComputedFactors computed, string folder, (double Train, double Test)? accuracies)
    {
        var path = Path.Combine(folder, FileName);
        Files.Write(path, computed.WriteCsv);
        var columns = computed.Factors
            .Select((factor, at) => (Factor: factor, Values: computed.Values.Select(row => row[at]).Where(float.IsFinite).Order().ToList())).ToList();
        var table = PlainTable.Create("Hardness factors", "factor", "tier", "family", "least", "median", "greatest");
        foreach (var (factor, values) in columns)
            table.AddRow(factor.Name, factor.Tier.ToString(), factor.Family, At(values, 0), At(values, 0.5), At(values, 1));
        Screen.Show(table);
        if (accuracies is { } of)
            Screen.Say(Invariant($"Target: train accuracy {of.Train:0.000}, test accuracy {of.Test:0.000}."));
        Screen.Result($"Factors: {Path.GetFullPath(path)}");
        Screen.Json(new
        {
            File = Path.GetFullPath(path),
            Rows = computed.RowIds.Count,
            TrainAccuracy = accuracies?.Train,
            TestAccuracy = accuracies?.Test,
            Factors = computed.Factors.Select(factor => new { factor.Name, Tier = factor.Tier.ToString(), factor.Family }),
        });

        static string At(List<float> values, double share) => values.Count == 0 ? "" : Invariant($"{values[(int)(share * (values.Count - 1))]:G4}");
    }
}
