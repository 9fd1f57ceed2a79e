using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Pipeline.Persistence;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>What of a hardness model is saved: a manifest in JSON, and its models as ML.NET saves them.</summary>
internal static class SavedHardness
{
    private const string ManifestEntry = "manifest.json";
    private const string ClassifierEntry = "hard.zip";
    private const int MostParts = 1000;

    // What a manifest lacks would be zero otherwise.
    private static readonly JsonSerializerOptions Strict = new()
    {
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    private sealed record Manifest(
        string FactorColumn, string[] Factors, Method[] Methods, string Exact, double ExactSeconds, double Tolerance, double Confidence);

    private sealed record Method(string Name, double Seconds, double SmallestSpread, double[] Edges, double[] Quantiles);

    public static IReadOnlyList<(string Name, byte[] Content)> Entries(FittedHardness fitted)
    {
        var methods = fitted.Methods.Select(method =>
            new Method(method.Name, method.Seconds, method.Model.SmallestSpread, method.Model.Bound.Edges, method.Model.Bound.Quantiles));
        var manifest = new Manifest(
            fitted.FactorColumnName, [.. fitted.FactorNames], [.. methods], fitted.Exact.Name, fitted.Exact.Seconds, fitted.Tolerance, fitted.Confidence);
        return
        [
            (ManifestEntry, JsonSerializer.SerializeToUtf8Bytes(manifest)),
            (ClassifierEntry, Save(fitted.Classifier)),
            .. fitted.Methods.SelectMany((method, i) => new[] { (LevelEntry(i), Save(method.Model.Level)), (SpreadEntry(i), Save(method.Model.Spread)) }),
        ];
    }

    /// <exception cref="FormatException">The entries are damaged.</exception>
    public static FittedHardness Load(IHostEnvironment environment, SavedFile entries)
    {
        var what = FittedHardness.Kind.What;
        var manifest = SavedEntries.ReadJson<Manifest>(entries, ManifestEntry, what, Strict);
        Check(manifest);
        var fitted = Load();
        return entries.FindUnread() is { } unread ? throw FittedHardness.Kind.Damaged($"entry '{unread}' belongs to nothing") : fitted;

        FittedHardness Load() => new()
        {
            FactorColumnName = manifest.FactorColumn,
            FactorNames = manifest.Factors,
            Classifier = LoadModel(ClassifierEntry, "Probability"),
            Methods = [.. manifest.Methods.Select((method, i) => (method.Name, method.Seconds, LoadMethod(method, i)))],
            Exact = (manifest.Exact, manifest.ExactSeconds),
            Tolerance = manifest.Tolerance,
            Confidence = manifest.Confidence,
        };

        MethodModel LoadMethod(Method method, int i) =>
            new(LoadModel(LevelEntry(i), "Score"), LoadModel(SpreadEntry(i), "Score"), method.SmallestSpread, new(method.Edges, method.Quantiles));

        FactorPredictor LoadModel(string entry, string output)
        {
            using var file = new MemoryStream(SavedEntries.Find(entries, entry, what));
            ITransformer model;
            DataViewSchema schema;
            try
            {
                model = MLNetInternals.LoadModel(environment, file, out schema);
            }
            catch (Exception cause) when (cause is not OperationCanceledException)
            {
                // ML.NET and what it loads throw anything, in wrappers that say nothing.
                throw FittedHardness.Kind.Damaged($"entry '{entry}' cannot be loaded: {cause.GetBaseException().Message}");
            }
            return schema?.GetColumnOrNull("Features")?.Type is VectorDataViewType vector && vector.Size == manifest.Factors.Length
                && vector.ItemType == NumberDataViewType.Single
                && model.GetOutputSchema(schema).GetColumnOrNull(output)?.Type == NumberDataViewType.Single
                ? new(model, schema, output)
                : throw FittedHardness.Kind.Damaged($"entry '{entry}' is no model of {manifest.Factors.Length} factors");
        }
    }

    private static void Check(Manifest manifest)
    {
        if (manifest is not { FactorColumn: not null, Factors: { Length: > 0 and <= MostParts } factors, Methods: { Length: <= MostParts } methods }
            || Array.Exists(methods, method => method is not { Edges: not null, Quantiles: not null }))
            throw FittedHardness.Kind.Damaged($"entry '{ManifestEntry}' is incomplete");
        foreach (var name in factors.Concat(methods.Select(method => method.Name)).Append(manifest.Exact).Append(manifest.FactorColumn))
            SavedEntries.CheckName(name, FittedHardness.Kind.What);
        if (factors.Distinct(StringComparer.Ordinal).Count() < factors.Length)
            throw FittedHardness.Kind.Damaged("a factor is named twice");
        if (methods.Select(method => method.Name).Append(manifest.Exact).GroupBy(name => name, StringComparer.Ordinal).Any(group => group.Count() > 1))
            throw FittedHardness.Kind.Damaged("a method is named twice");
        if (methods.Zip(methods.Skip(1)).Any(pair => pair.First.Seconds > pair.Second.Seconds))
            throw FittedHardness.Kind.Damaged("the methods are not in the order of their seconds");
        if (!(manifest.Tolerance >= 0 && double.IsFinite(manifest.Tolerance)) || !(manifest.Confidence is > 0 and < 1) || !(manifest.ExactSeconds >= 0))
            throw FittedHardness.Kind.Damaged("tolerance, confidence or seconds are out of range");
        foreach (var method in methods)
            if (method.Quantiles.Length != method.Edges.Length + 1 || !method.Edges.All(double.IsFinite) || !method.Quantiles.All(double.IsFinite)
                || !method.Edges.SequenceEqual(method.Edges.Order()) || !(method.SmallestSpread > 0) || !(method.Seconds >= 0))
                throw FittedHardness.Kind.Damaged($"the bound of method '{method.Name}' makes no sense");
    }

    private static byte[] Save(FactorPredictor predictor)
    {
        using var file = new MemoryStream();
        new MLContext().Model.Save(predictor.Model, predictor.InputSchema, file);
        return file.ToArray();
    }

    private static string LevelEntry(int method) => Invariant($"level.{method}.zip");

    private static string SpreadEntry(int method) => Invariant($"spread.{method}.zip");
}
