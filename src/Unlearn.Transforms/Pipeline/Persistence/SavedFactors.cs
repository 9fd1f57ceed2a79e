using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Factors.Neighborhood;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.MLNetModels;
using Unlearn.Transforms.Pipeline.DataViews;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>What of a transformer is saved: a manifest in JSON, the entries of the target's format, the state of the statistics. No type names.</summary>
internal static class SavedFactors
{
    private const string ManifestEntry = "manifest.json";
    private const string StatisticsEntry = "statistics.safetensors";
    private const string ClassesEntry = "classes.json";
    private const string TargetPrefix = "target.";

    // Files from before version 1.3 have no class names, nor does a target without class names.
    private sealed record Classes(string[] Names);

    private sealed record Manifest(FactorColumns Columns, string[] Factors, string Target);

    private const int MostFactors = 1000;
    private const int ProbeRows = 2;

    public static IReadOnlyList<(string Name, byte[] Content)> Entries(FittedFactors fitted)
    {
        var target = fitted.Model.Target;
        var format = TargetFormats.FindFor(target);
        return
        [
            (ManifestEntry, JsonSerializer.SerializeToUtf8Bytes(new Manifest(
                fitted.Columns, [.. fitted.Model.Factors.Select(factor => factor.Name)], format.Kind))),
            .. fitted.ClassNames is { } names
                ? [(ClassesEntry, JsonSerializer.SerializeToUtf8Bytes(new Classes([.. names])))]
                : Array.Empty<(string, byte[])>(),
            .. format.Save(target).Select(entry => (TargetPrefix + entry.Key, entry.Value)),
            (StatisticsEntry, SafeTensors.Write(
                fitted.Model.States.SelectMany(state => state.Value.Select(entry => KeyValuePair.Create($"{state.Key}/{entry.Key}", entry.Value))))),
        ];
    }

    /// <exception cref="FormatException">The entries are damaged.</exception>
    /// <exception cref="InvalidOperationException">
    /// The model needs a kind of target, a custom architecture or a factor that this process does not know.
    /// </exception>
    public static FittedFactors Load(IHostEnvironment environment, SavedFile entries)
    {
        var manifest = Check(SavedEntries.ReadJson<Manifest>(entries, ManifestEntry));
        var format = UnknownPartException.Find(() => TargetFormats.Find(manifest.Target));
        var factors = FindFactors(manifest.Factors);
        if (factors.DistinctBy(factor => factor.Name).Count() < factors.Count)
            throw Damaged("a factor is named twice");
        using var scope = torch.NewDisposeScope();
        var target = LoadTarget(format, environment, entries.Under(TargetPrefix));
        try
        {
            return Load(target, factors, manifest.Columns, entries, MLNetInternals.WarningsOf(environment));
        }
        catch (Exception cause) when (cause is not (FormatException or OperationCanceledException or UnknownPartException))
        {
            target.Dispose();
            throw Damaged(cause.Message.Split('\n')[0], cause);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    private static List<IHardnessFactor> FindFactors(string[] names)
    {
        try
        {
            return [.. names.Select(HardnessFactors.Find)];
        }
        catch (ArgumentException cause)
        {
            throw new UnknownPartException(cause.Message, cause);
        }
    }

    // Formats tell by InvalidOperationException what this process lacks.
    private static ITarget LoadTarget(ITargetFormat format, IHostEnvironment environment, SavedFile entries)
    {
        try
        {
            return UnknownPartException.Find(() => format.Load(environment, entries));
        }
        catch (Exception cause) when (cause is ArgumentException or ArithmeticException or ExternalException or IndexOutOfRangeException or KeyNotFoundException
            or NullReferenceException or OutOfMemoryException or InvalidCastException)
        {
            throw Damaged(cause.Message.Split('\n')[0], cause);
        }
    }

    private static FittedFactors Load(
        ITarget target, IReadOnlyList<IHardnessFactor> factors, FactorColumns columns, SavedFile entries, Action<string> warn)
    {
        var names = entries.ContainsKey(ClassesEntry) ? SavedEntries.ReadJson<Classes>(entries, ClassesEntry).Names : null;
        if (entries.ContainsKey(ClassesEntry)
            && (names is null || Array.Exists(names, name => name is null) || ClassOrder.Usable(names, target.ClassCount) is null))
            throw Damaged($"entry '{ClassesEntry}' does not name the {target.ClassCount} classes of the target");
        if (target.ClassNames is null)
            NamedTarget.Of(target, names);
        var states = SafeTensors.Read(SavedEntries.Find(entries, StatisticsEntry))
            .GroupBy(entry => entry.Key[..Math.Max(0, entry.Key.IndexOf('/', StringComparison.Ordinal))])
            .ToDictionary(group => group.Key, group => (IReadOnlyDictionary<string, torch.Tensor>)group.ToDictionary(
                entry => HardnessFactors.CurrentName(entry.Key[(group.Key.Length + 1)..]), entry => entry.Value));
        if (entries.FindUnread() is { } unread)
            throw Damaged($"entry '{unread}' belongs to nothing");
        if (states.Values.Any(state => state.ContainsKey(ApproximateNeighbors.Settings)))
            UnknownPartException.Find(() => ApproximateNeighbors.Registered);
        var model = new FactorModel(target, factors, states, columns.UnknownLabels, warn);
        try
        {
            CheckStates(model, columns.RowId is not null);
        }
        catch
        {
            model.DisposeStates();
            throw;
        }
        return new(model, columns) { ClassNames = names };
    }

    // Each statistic looks at its entries, and then every factor is computed once: one of a user's own has no other check.
    private static void CheckStates(FactorModel model, bool hasKeys)
    {
        using var scope = torch.NewDisposeScope();
        var statistics = model.Factors.Select(factor => factor.Statistic).OfType<IFactorStatistic>().Distinct().ToList();
        if (!statistics.Select(statistic => statistic.Name).ToHashSet(StringComparer.Ordinal).SetEquals(model.States.Keys))
            throw Damaged("the statistics are not those of the factors");
        var rows = new FactorRows(new float[ProbeRows * model.Target.FeatureCount], [0, 1], hasKeys ? new long[ProbeRows] : null);
        using (torch.no_grad())
        {
            var probe = new FactorBatch(model, rows, withGradients: true);
            foreach (var statistic in statistics.OfType<ICheckedStatistic>())
            {
                var state = new SavedState(statistic.Name, model.States[statistic.Name]);
                statistic.Check(state, probe);
                state.RequireAllTaken();
            }
        }
        model.Compute([.. Enumerable.Range(0, model.Factors.Count)], rows, new float[model.Factors.Count][]);
    }

    private static Manifest Check(Manifest manifest)
    {
        if (manifest is not { Columns: { Output: not null, Feature: not null, Label: not null, Prefix: not null } columns, Factors: { } factors })
            throw Damaged($"entry '{ManifestEntry}' is incomplete");
        if (factors.Length is 0 or > MostFactors)
            throw Damaged(Invariant($"{factors.Length} factors"));
        foreach (var name in factors.Append(manifest.Target).Concat([columns.Output, columns.Feature, columns.Label, columns.RowId ?? columns.Output]))
            SavedEntries.CheckName(name);
        if (columns.BatchSize is < 1 or > FactorColumns.LargestBatch)
            throw Damaged(Invariant($"a batch size of {columns.BatchSize}"));
        return Enum.IsDefined(columns.Missing) && Enum.IsDefined(columns.UnknownLabels) ? manifest : throw Damaged("unknown options");
    }

    private static FormatException Damaged(string what, Exception? cause = null) =>
        new($"The saved hardness factors are damaged ({what}): save the model again.", cause);
}
