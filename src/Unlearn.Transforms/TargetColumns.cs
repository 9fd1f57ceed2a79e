using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms;

/// <summary>The feature and label columns of a target, checked.</summary>
internal sealed record TargetColumns(DataViewSchema.Column Feature, DataViewSchema.Column Label, int FeatureCount, int ClassCount)
{
    public static TargetColumns Find(DataViewSchema schema, string featureColumnName, string labelColumnName, ITarget target, string parameterName)
    {
        var columns = Find(schema, featureColumnName, labelColumnName, parameterName);
        if (columns.FeatureCount != target.FeatureCount)
            throw new ArgumentOutOfRangeException(parameterName, $"Schema mismatch for feature column '{featureColumnName}': the target takes {target.FeatureCount} features, the column has {columns.FeatureCount}");
        return columns with { ClassCount = target.ClassCount };
    }

    public static TargetColumns Find(DataViewSchema schema, string featureColumnName, string labelColumnName, string parameterName)
    {
        var feature = schema.GetColumnOrNull(featureColumnName) ?? throw Missing("feature", featureColumnName, parameterName);
        if (feature.Type is not VectorDataViewType { IsKnownSize: true, ItemType: NumberDataViewType { RawType: var item } } vector || item != typeof(float))
            throw Mismatch("feature", featureColumnName, "known-size vector of Single", feature.Type.ToString()!, parameterName);
        var label = schema.GetColumnOrNull(labelColumnName) ?? throw Missing("label", labelColumnName, parameterName);
        var classes = label.Type switch
        {
            KeyDataViewType key => (int)Math.Min(key.Count, int.MaxValue),
            BooleanDataViewType => 2,
            _ => throw Mismatch("label", labelColumnName, "key or Boolean (use Conversion.MapValueToKey)", label.Type.ToString()!, parameterName),
        };
        return new(feature, label, vector.Size, classes);
    }

    public static void Check(SchemaShape schema, string featureColumnName, string labelColumnName)
    {
        const string Parameter = "inputSchema";
        var feature = schema.FirstOrDefault(column => column.Name == featureColumnName);
        if (feature.Name is null)
            throw Missing("feature", featureColumnName, Parameter);
        if (feature.Kind != SchemaShape.Column.VectorKind.Vector || feature.ItemType != NumberDataViewType.Single || feature.IsKey)
            throw Mismatch("feature", featureColumnName, "known-size vector of Single", feature.ItemType.ToString()!, Parameter);
        var label = schema.FirstOrDefault(column => column.Name == labelColumnName);
        if (label.Name is null)
            throw Missing("label", labelColumnName, Parameter);
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || !(label.IsKey || label.ItemType == BooleanDataViewType.Instance))
            throw Mismatch("label", labelColumnName, "key or Boolean (use Conversion.MapValueToKey)", label.ItemType.ToString()!, Parameter);
    }

    /// <summary>A getter of the label as a class from 0, −1 where it is missing.</summary>
    public Func<long> LabelGetter(DataViewRow row)
    {
        switch (Label.Type.RawType)
        {
            case var type when type == typeof(bool):
                return Read<bool>(value => value ? 1 : 0);
            case var type when type == typeof(byte):
                return Read<byte>(value => value - 1L);
            case var type when type == typeof(ushort):
                return Read<ushort>(value => value - 1L);
            case var type when type == typeof(uint):
                return Read<uint>(value => value - 1L);
            default:
                return Read<ulong>(value => (long)value - 1L);
        }

        Func<long> Read<T>(Func<T, long> convert)
        {
            var getter = row.GetGetter<T>(Label);
            var value = default(T)!;
            return () =>
            {
                getter(ref value);
                var label = convert(value);
                return label < ClassCount ? label : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"Label column '{Label.Name}' has class {label + 1} in row {row.Position}, but the target has only {ClassCount} classes: train the target on all classes."));
            };
        }
    }

    /// <summary>A getter that copies the features of the current row, dense, and refuses NaN and infinity.</summary>
    public Action<Span<float>> FeatureGetter(DataViewRow row)
    {
        var getter = row.GetGetter<VBuffer<float>>(Feature);
        var value = default(VBuffer<float>);
        return destination =>
        {
            getter(ref value);
            value.CopyTo(destination);
            for (var slot = 0; slot < destination.Length; slot++)
            {
                if (float.IsFinite(destination[slot]))
                    continue;
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"Feature column '{Feature.Name}' has {destination[slot]} in slot {slot} of row {row.Position}: replace missing values before the hardness factors, for example with ReplaceMissingValues."));
            }
        };
    }

    private static ArgumentOutOfRangeException Missing(string role, string name, string parameterName) =>
        new(parameterName, $"Could not find {role} column '{name}'");

    private static ArgumentOutOfRangeException Mismatch(string role, string name, string expected, string actual, string parameterName) =>
        new(parameterName, $"Schema mismatch for {role} column '{name}': expected {expected}, got {actual}");
}
