namespace Unlearn.Conformance;

/// <summary>A component breaks one of the rules that all of its kind obey.</summary>
/// <param name="message">Which rule, and what was found.</param>
public sealed class ConformanceException(string message) : Exception(message);
