using System.Globalization;

namespace Unlearn.TestPrograms.Devices;

/// <summary>Prints how far what two devices computed lies apart.</summary>
internal static class DeviceReport
{
    public static void Add(string what, double difference) => Console.WriteLine($"{what}\t{difference.ToString("G3", CultureInfo.InvariantCulture)}");

    /// <summary>Prints 0 for what is so, and infinity for what is not.</summary>
    public static void Require(string what, bool isSo) => Add(what, isSo ? 0 : double.PositiveInfinity);
}
