using System.Reflection;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Pipeline.DataViews;

/// <summary>Copies a value out of a buffer: vectors deeply, since their memory belongs to whoever asked for them.</summary>
internal static class BufferCopy<T>
{
    public delegate void CopyValue(in T source, ref T destination);

    public static readonly CopyValue Copy = typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(VBuffer<>)
        ? typeof(BufferCopy<T>)
            .GetMethod(nameof(CopyVector), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(typeof(T).GetGenericArguments())
            .CreateDelegate<CopyValue>()
        : CopyScalar;

    private static void CopyScalar(in T source, ref T destination) => destination = source;

    private static void CopyVector<TItem>(in VBuffer<TItem> source, ref VBuffer<TItem> destination) => source.CopyTo(ref destination);
}
