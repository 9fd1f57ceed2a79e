using System.Text.Json;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms.Factors;
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
    public static FittedFactors Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        var manifest = SavedEntries.ReadJson<Manifest>(entries, ManifestEntry);
        using var scope = torch.NewDisposeScope();
        var target = TargetFormats.Find(manifest.Target).Load(environment, entries.Where(entry => entry.Key.StartsWith(TargetPrefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[TargetPrefix.Length..], entry => entry.Value, StringComparer.Ordinal));
        var names = entries.ContainsKey(ClassesEntry) ? SavedEntries.ReadJson<Classes>(entries, ClassesEntry).Names : null;
        if (names is not null && ClassOrder.Usable(names, target.ClassCount) is null)
            throw new FormatException(
                $"The saved hardness factors are damaged: entry '{ClassesEntry}' does not name the {target.ClassCount} classes of the target.");
        if (target.ClassNames is null)
            NamedTarget.Of(target, names);
        var states = SafeTensors.Read(SavedEntries.Find(entries, StatisticsEntry))
            .GroupBy(entry => entry.Key[..entry.Key.IndexOf('/', StringComparison.Ordinal)])
            .ToDictionary(group => group.Key, group => (IReadOnlyDictionary<string, torch.Tensor>)group.ToDictionary(
                entry => HardnessFactors.CurrentName(entry.Key[(group.Key.Length + 1)..]), entry => entry.Value));
        return new(new FactorModel(target, [.. manifest.Factors.Select(HardnessFactors.Find)], states, manifest.Columns.UnknownLabels), manifest.Columns)
        {
            ClassNames = names,
        };
    }
}
